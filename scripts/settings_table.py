"""The table of the bridge's settings in docs/settings.md, written anew: `python -m scripts.settings_table`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from installer.policy.table import markdown_rows

DOCUMENT: Final = Path(__file__).parents[1] / "docs/settings.md"
_HEAD: Final = "| key | type | default | may stand in | meaning |\n|---|---|---|---|---|\n"


def with_table(text: str) -> str:
    """The document with its first table of settings, the bridge's, as the code has it."""
    before, rest = text.split(_HEAD, 1)
    after = rest[rest.index("\n\n") :]
    return before + _HEAD + "\n".join(markdown_rows()) + after


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
