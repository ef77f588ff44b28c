"""What a person reads of the record, in Japanese and English."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from bridge import problems
from bridge.audit.chain import Line
from bridge.audit.verify import Finding, Kind, Report


class _Texts(NamedTuple):
    events: dict[str, str]
    outcomes: dict[str, str]
    findings: dict[Kind, str]
    left: str
    several: str
    number: str
    unknown: str
    empty: str
    none: str
    whole: str
    broken: str
    without_receipt: str
    no_receipt: str
    no_signature: str
    cannot_read: str


_JA = _Texts(
    events={
        "consent": "サイトの許可の確認",
        "certificates": "証明書の読み取り",
        "pin/open": "PIN認証",
        "sign": "署名",
        "authenticate": "ログイン認証",
        "pinSessionEnded": "PIN認証の終了",
        "file": "（新しいファイル）",
        "dropped": "（保存期間を過ぎた記録の削除）",
        "unreadable": "（読めない行のあと）",
    },
    outcomes={
        "ok": "完了",
        "page_gone": "ページが取りやめました",
        "remember": "許可",
        "once": "今回だけ許可",
        "no": "許可しない",
        "unasked": "答えなし",
        "closed": "ページが終えました",
        "expired": "時間切れ",
        "removed": "カードが抜かれました",
        "replaced": "PIN番号が入力し直されました",
        "forgotten": "本人、画面のロック、または終了",
        "failed": "カードの処理が終了しました",
    },
    findings={
        Kind.CHANGED: "{number}が書き換えられています。",
        Kind.MISSING: "{number}がありません。",
        Kind.MOVED: "{number}が別の場所にあるか、余分な行が差し込まれています。",
        Kind.UNLINKED: "{number}がその前の行につながりません。どちらかが差し替えられています。",
        Kind.CUT: "控えにある{number}がありません。記録の終わりが切り取られています。",
        Kind.OTHER: "控えにある{number}が、この記録の行と違います。差し替えられたか、別の記録の控えです。",
        Kind.DIFFERENT: "控えの内容が{number}と違います。控えが書き換えられています。",
        Kind.EXPOSED: "ほかのユーザーが書き込める状態です。所有者だけが書き込めるように直してください。",
        Kind.INTERRUPTED: "{number}は書き込みの途中で終わっています（停電など）。ほかの行には影響ありません。",
        Kind.EARLIER: "控えにある{number}は保存期間を過ぎて削除されたため、確かめられません。",
    },
    left="残り{}回",
    several="{first}〜{last}行目",
    number="{first}行目",
    unknown="行",
    empty="記録はまだありません。",
    none="署名の記録はありません。",
    whole="{first}行目から{last}行目まで、変更も抜けもありません。",
    broken="この記録は、あとから手が加えられたか、壊れています。消さずに"
    "「card-bridge audit export --output ファイル名」で保存し、管理者か相談窓口に知らせてください。",
    without_receipt="終わりが切り取られていないかは、署名の控えがあれば確かめられます（--receipt ファイル名）。",
    no_receipt="署名の控えとして読めません。"
    "「card-bridge audit receipt」かページから受け取ったファイルを指定してください。",
    no_signature="その行は署名ではありません。「card-bridge audit list」で署名の行を確かめてください。",
    cannot_read="記録を読めません: {reason}",
)
_EN = _Texts(
    events={
        "consent": "asked about a site",
        "certificates": "certificates read",
        "pin/open": "PIN session",
        "sign": "signature",
        "authenticate": "login",
        "pinSessionEnded": "PIN session ended",
        "file": "(a new file)",
        "dropped": "(lines whose time was over, deleted)",
        "unreadable": "(after bytes that cannot be read)",
    },
    outcomes={
        "ok": "done",
        "page_gone": "cancelled by the page",
        "remember": "allowed",
        "once": "allowed once",
        "no": "not allowed",
        "unasked": "no answer",
        "closed": "by the page",
        "expired": "time over",
        "removed": "card removed",
        "replaced": "PIN typed anew",
        "forgotten": "by the person, the lock screen or the end of the bridge",
        "failed": "the card host ended",
    },
    findings={
        Kind.CHANGED: "{number} was changed.",
        Kind.MISSING: "{number} missing.",
        Kind.MOVED: "{number} stands in the wrong place, or a line was put in.",
        Kind.UNLINKED: "{number} does not follow the line before it: one of the two was exchanged.",
        Kind.CUT: "{number} of the receipt is missing: the end of the record was cut off.",
        Kind.OTHER: "{number} of the receipt is not the one here: exchanged, or the receipt is another record's.",
        Kind.DIFFERENT: "The receipt says something else than {number}: the receipt was changed.",
        Kind.EXPOSED: "Another user could write here: let its owner alone write it.",
        Kind.INTERRUPTED: "{number} ends in the middle (a power cut, for example). No other line is touched by that.",
        Kind.EARLIER: "{number} of the receipt was deleted when its time was over, and cannot be checked.",
    },
    left="tries left: {}",
    several="lines {first} to {last}",
    number="line {first}",
    unknown="a line",
    empty="Nothing has been recorded yet.",
    none="No signature has been recorded.",
    whole="Lines {first} to {last}: nothing was changed, nothing is missing.",
    broken="This record was tampered with, or is damaged. Do not delete it: save it with "
    "'card-bridge audit export --output FILE' and tell your administrator or help desk.",
    without_receipt="Whether its end was cut off can be told with a receipt of a signature (--receipt FILE).",
    no_receipt="This is no receipt of a signature: name a file from 'card-bridge audit receipt' or from a page.",
    no_signature="That line is no signature: 'card-bridge audit list' shows which lines are.",
    cannot_read="The record cannot be read: {reason}",
)


def row(line: Line, language: str) -> str:
    """One line of the record in one line: number, time of this computer, what, site, words, outcome."""
    texts = said(language)
    at = datetime.fromisoformat(line.at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    named = (line.facts.get("origin"), line.facts.get("action"))
    what = texts.events.get(line.event, line.event)
    parts = (
        f"{line.number:>6}",
        at,
        what,
        *(each for each in named if each),
        _outcome(line, language),
        _left(line, texts),
    )
    return _legible("  ".join(str(part) for part in parts if part))


def finding(found: Finding, language: str) -> str:
    texts = said(language)
    which = texts.several if found.last else texts.number if found.line else texts.unknown
    number = which.format(first=found.line, last=found.last)
    text = texts.findings[found.kind].format(number=number)
    where = f" ({found.where})" if found.where else ""
    return text[:1].upper() + text[1:] + where


def verdict(report: Report, language: str, *, with_receipt: bool) -> list[str]:
    """The sentences below the findings."""
    texts = said(language)
    if not report.is_whole:
        return [texts.broken]
    if report.first is None or report.last is None:
        return [texts.empty]
    whole = texts.whole.format(first=report.first.number, last=report.last.number)
    return [whole] if with_receipt else [whole, texts.without_receipt]


def said(language: str) -> _Texts:
    return _EN if language == "en" else _JA


def _outcome(line: Line, language: str) -> str:
    code: Any = line.facts.get("outcome", line.facts.get("reason", ""))
    known = said(language).outcomes.get(str(code))
    if known is not None:
        return known
    title = problems.texts().get(str(code), {}).get(language, {}).get("title")
    return f"{title} ({code})" if title else str(code)


def _left(line: Line, texts: _Texts) -> str:
    """After a refusal, as far as the card told it."""
    count = line.facts.get("tries")
    return texts.left.format(count) if type(count) is int and line.facts.get("outcome") != "ok" else ""


def _legible(text: str) -> str:
    """What somebody wrote into the file plays no tricks on a terminal."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
