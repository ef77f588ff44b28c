from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.settings.keeping import NotKept, changed, keep, may_keep
from bridge.settings.layers import Layer, merge
from bridge.settings.sections import LayerName, Source

FILE = """# mine
[origins]
allowed = ["https://a.example"]  # the agency

[bridge] # this PC
port = 22490
language = "ja"
"""


def test_a_value_is_replaced_where_it_stands_and_nothing_else_moves() -> None:
    assert changed(FILE, "bridge.language", "en") == FILE.replace('"ja"', '"en"')


def test_a_value_is_added_to_its_section_or_with_it() -> None:
    assert changed(FILE, "bridge.card_notices", True) == FILE.replace(
        "[bridge] # this PC\n", "[bridge] # this PC\ncard_notices = true\n"
    )
    assert changed("", "bridge.language", "en") == '[bridge]\nlanguage = "en"\n'
    assert changed("[pin]\nstop_at = 2\n", "bridge.language", "en") == (
        '[pin]\nstop_at = 2\n\n[bridge]\nlanguage = "en"\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        'bridge.language = "ja"',
        'bridge = { language = "ja" }',
        'bridge = "x"',
        '[bridge]\nlanguage = """\nja"""',
        '[origins]\ngrants = """\n[bridge]\n"""',
        "[bridge",
    ],
)
def test_what_could_be_spoilt_is_left_alone(text: str, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(NotKept):
        keep(file, "bridge.language", "en")
    assert file.read_text(encoding="utf-8") == text


@given(st.lists(st.sampled_from(FILE.splitlines()), unique=True), st.booleans())
def test_whatever_stands_in_the_file_only_that_value_changes(lines: list[str], value: bool) -> None:
    text = "\n".join(lines)
    try:
        before = tomllib.loads(text)
        after = tomllib.loads(changed(text, "bridge.card_notices", value))
    except (tomllib.TOMLDecodeError, NotKept):
        return
    assert after.get("bridge", {}).pop("card_notices") is value
    assert before.get("bridge", {}) == after.pop("bridge", {})
    before.pop("bridge", None)
    assert before == after


def test_a_file_is_made_where_there_is_none_and_a_link_is_followed(tmp_path: Path) -> None:
    file, link = tmp_path / "of" / "mine" / "config.toml", tmp_path / "link.toml"
    assert may_keep(file)
    keep(file, "bridge.language", "en")
    link.symlink_to(file)
    keep(link, "bridge.language", "ja")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == '[bridge]\nlanguage = "ja"\n'
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    ("layer", "fixed"),
    [
        (LayerName.USER, False),
        (LayerName.CONFIG, False),
        (LayerName.INSTALLER, True),
        (LayerName.MACHINE, True),
        (LayerName.POLICY, True),
    ],
)
def test_what_an_administrator_decides_is_fixed(layer: LayerName, fixed: bool) -> None:
    merged = merge([Layer(Source(layer, "place"), {"bridge.language": "en"})])
    assert merged.fixed("bridge.language") is fixed
    assert not merged.fixed("bridge.card_notices")
