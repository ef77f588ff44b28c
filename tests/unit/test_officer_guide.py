"""The guide for officers quotes what their pages show, and names its other parts rightly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portal.officers.decisions import KINDS
from tests.unit import test_user_guide

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/officer-guide.ja.md").read_text(encoding="utf-8")
WRITTEN = ("portal/web/templates/officers/*.html", "portal/web/officers/*.py", "portal/mail/*.py", "portal/web/*.py")
CALLS = {"問い合わせ番号は K7M2-9QXD です", "メールが届かない"}
"""What people say on the telephone."""


def source() -> str:
    files = (path for pattern in WRITTEN for path in ROOT.glob(pattern))
    pages = re.sub(r"</?\w[^>]*>", "", "".join(path.read_text(encoding="utf-8") for path in files))
    labels = (f"{kind.label} {kind.label}へ進む" for kind in KINDS)  # composed in the page
    return "\n".join((pages, test_user_guide.SOURCE, *labels))


SOURCE = source()
QUOTED = sorted(set(re.findall("「([^」]*)」", GUIDE)) - CALLS)


def test_enough_is_quoted() -> None:
    assert len(QUOTED) > 25


@pytest.mark.parametrize("words", QUOTED)
def test_the_guide_quotes_what_is_shown(words: str) -> None:
    assert words in SOURCE
