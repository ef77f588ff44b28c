"""Writes portal/web/static/tokens.css: those of the Digital Agency's design tokens that the portal's style sheets use.

`make tokens` runs it after `npm ci`; the result is committed, so that nothing else needs npm.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "node_modules" / "@digital-go-jp" / "design-tokens"
STATIC = ROOT / "portal" / "web" / "static"
TOKENS = STATIC / "tokens.css"

_DEFINED = re.compile(r"(?<![\w(-])--([\w-]+):\s*([^;}]+)")
_USED = re.compile(r"var\(--([\w-]+)")


class UnknownToken(Exception):
    """A style sheet uses a custom property that neither it nor the package defines."""


def main() -> int:
    TOKENS.write_text(render(), encoding="utf-8")
    return 0


def render() -> str:
    """The text of tokens.css, for the installed package and today's style sheets. Raises UnknownToken, OSError."""
    tokens = definitions((PACKAGE / "dist" / "tokens.css").read_text(encoding="utf-8"))
    version = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))["version"]
    lines = [f"  --{name}: {tokens[name]};" for name in used(style_sheets(), tokens)]
    return f"{_notice(version)}\n:root {{\n{chr(10).join(lines)}\n}}\n"


def style_sheets() -> str:
    """All style sheets of the portal but this one, one after the other."""
    paths = sorted(path for path in STATIC.glob("*.css") if path != TOKENS)
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def definitions(css: str) -> dict[str, str]:
    """Custom property → value, in the order of the text."""
    return dict(_DEFINED.findall(css))


def used(css: str, tokens: Mapping[str, str]) -> list[str]:
    """The tokens that the style sheets use, and those that these refer to, in the package's order."""
    own, found = definitions(css), set[str]()
    waiting = {name for name in _USED.findall(css) if name not in own}
    while waiting:
        if missing := waiting - tokens.keys():
            raise UnknownToken(", ".join(sorted(missing)))
        found |= waiting
        waiting = {name for each in waiting for name in _USED.findall(tokens[each])} - found
    return [name for name in tokens if name in found]


def _notice(version: str) -> str:
    terms = (PACKAGE / "LICENSE").read_text(encoding="utf-8").strip()
    body = "\n".join(f" * {line}".rstrip() for line in terms.splitlines())
    return (
        f"/*!\n * @digital-go-jp/design-tokens {version}, those in use; written by scripts/design_tokens.py.\n *\n"
        f"{body}\n */\n"
    )


if __name__ == "__main__":
    sys.exit(main())
