"""The portal's style sheets: made from the design tokens, readable, and legible in every state."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts import design_tokens

ROOT = Path(__file__).parents[2]
PARTS = sorted(path for path in design_tokens.STATIC.glob("*.css") if path != design_tokens.TOKENS)
DECLARATION = re.compile(r"^\s*([\w-]+):\s*([^;{}]+);", re.MULTILINE)
LOCK = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
installed = pytest.mark.skipif(not design_tokens.PACKAGE.is_dir(), reason="needs `npm ci`, which `make test` runs")


def declarations(part: Path) -> list[tuple[str, str]]:
    css = re.sub(r"/\*.*?\*/", "", part.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [(name, " ".join(value.split())) for name, value in DECLARATION.findall(css)]


def roles() -> dict[str, str]:
    """Every custom property, with the references in its value followed."""
    raw = design_tokens.definitions(design_tokens.TOKENS.read_text(encoding="utf-8"))
    raw |= design_tokens.definitions(design_tokens.style_sheets())

    def follow(value: str) -> str:
        return re.sub(r"var\(--([\w-]+)\)", lambda found: follow(raw[found[1]]), value)

    return {name: follow(value) for name, value in raw.items()}


@installed
def test_tokens_are_those_of_the_package_that_is_locked() -> None:
    locked = LOCK["node_modules/@digital-go-jp/design-tokens"]["version"]
    assert json.loads((design_tokens.PACKAGE / "package.json").read_text(encoding="utf-8"))["version"] == locked
    assert design_tokens.TOKENS.read_text(encoding="utf-8") == design_tokens.render()


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    packages = {name: facts for name, facts in LOCK.items() if name}
    assert packages
    for facts in packages.values():
        assert facts["integrity"].startswith("sha512-")
    assert "http" not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_a_token_that_the_package_lacks_is_named() -> None:
    tokens = {"a": "var(--b)", "b": "#000", "c": "#fff"}
    assert design_tokens.used("x { color: var(--a); --own: 1; top: var(--own) }", tokens) == ["a", "b"]
    with pytest.raises(design_tokens.UnknownToken, match=r"^d$"):
        design_tokens.used("x { color: var(--a); top: var(--d) }", tokens)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_is_short_and_takes_its_values_from_tokens(part: Path) -> None:
    assert len(part.read_text(encoding="utf-8").splitlines()) < 300
    paper = part.name == "print.css"
    for name, value in declarations(part):
        if not name.startswith("--"):
            assert not (fault := _fault(name, value, paper)), f"{name}: {value} ({fault})"


def _fault(name: str, value: str, paper: bool) -> str | None:
    lengths = {
        word for word in re.findall(r"-?[\d.]+(?:px|rem|em|pt|mm)", value) if not (paper and word[-2:] in ("pt", "mm"))
    }
    if re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", value):
        return "a colour of its own"
    if name == "font-size" and lengths:
        return "a type size of its own"
    if name.endswith("radius") and lengths:
        return "a corner of its own"
    # -1px: how something stays readable to screen readers alone
    if re.match(r"(margin|padding|gap|row-gap|column-gap)", name) and lengths - {"-1px"}:
        return "a space of its own"
    return None


def test_every_custom_property_that_is_used_is_defined() -> None:
    assert set(re.findall(r"var\(--([\w-]+)", design_tokens.style_sheets())) <= roles().keys()


def test_no_text_on_the_screen_is_smaller_than_16_px() -> None:
    sizes = {
        value: float(value.removesuffix("rem")) for name, value in roles().items() if name.startswith("font-size-")
    }
    assert sizes
    assert min(sizes.values()) >= 1


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((text, "paper") for text in ("ink", "ink-strong", "ink-soft", "key", "key-dark", "visited", "wrong")),
        *((text, "ground") for text in ("ink", "ink-strong", "ink-soft", "key-dark", "visited")),
        *((text, "key-pale") for text in ("ink", "ink-soft", "key", "key-dark", "visited")),
        *((text, "wrong-pale") for text in ("ink", "wrong")),
        *((text, "good-pale") for text in ("ink", "ink-soft", "key-dark", "visited")),
        *((text, "warn-pale") for text in ("ink", "ink-soft", "key-dark", "visited")),
        *(("paper", ground) for ground in ("key", "key-dark", "key-darkest")),
        ("focus-line", "focus"),
        ("color-neutral-solid-gray-600", "ground"),
    ],
)
def test_text_stands_out_in_every_state(text: str, ground: str) -> None:
    """WCAG 2.1 SC 1.4.3: 4.5 to 1. What no checker sees: hovered, pressed, visited, focused."""
    assert contrast(roles()[text], roles()[ground]) >= 4.5


@pytest.mark.parametrize("line", ["line", "wrong", "good", "warn", "key", "focus-line", "color-neutral-solid-gray-420"])
def test_lines_that_mean_something_stand_out(line: str) -> None:
    """WCAG 2.1 SC 1.4.11: 3 to 1."""
    assert contrast(roles()[line], roles()["paper"]) >= 3


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, "contrast ratio"."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
