"""The help desk's guide has every sentence that 動作確認 and 検証機能 show, word for word, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from portal import texts
from portal.verification.apart import frames

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/help-desk.ja.md").read_text(encoding="utf-8")
SHOWN = (ROOT / "portal/web/static/check-texts.js").read_text(encoding="utf-8")
# A sentence is the second text of a finding: bad(…, "…。") or bad(…, later("…。")).
SENTENCE = re.compile(r'(later\()?\s*"([^"]*。)"')
NEEDED = "（利用者登録メニューから必要です）。"


def rows(title: str) -> list[list[str]]:
    """The cells of the table under a heading, below its head."""
    part = GUIDE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    table = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1:]]


def test_every_sentence_of_the_checks() -> None:
    shown = {text[:-1] + NEEDED if later else text for later, text in SENTENCE.findall(SHOWN)}
    assert len(shown) > 20
    assert {row[1] for row in rows("動作確認")} == shown
    assert all(text.count("。") == 1 for text in shown)


def test_every_verdict_of_a_file() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("検証機能")}
    assert told == {code: texts.verdict(code).detail for code in told}
    own = set(texts._read("verdicts.toml"))
    assert own | frames.CODES | {"certificate_extra", "timestamp_untrusted"} == set(told)
