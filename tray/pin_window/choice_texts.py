"""What the window says while a certificate is chosen, in Japanese and English."""

from __future__ import annotations

from typing import NamedTuple

from tray.pin_window.choice import Candidate, Purpose, State
from tray.pin_window.legible import legible

SOON_DAYS = 60
"""From so many days before the expiry on, it is said."""


class ChoiceTexts(NamedTuple):
    title: str
    lead: dict[Purpose, str]
    remember: str
    remember_note: str
    group: str
    """For screen readers: what the list is."""
    whose: str
    nobody: str
    issuer: str
    expiry: str
    days_left: str
    reader: str
    states: dict[State, str]
    soon: str
    """Of a certificate that is about to be used."""
    expired: str


_JA = ChoiceTexts(
    title="証明書の選択",
    lead={
        Purpose.SIGN: "署名に使う証明書を選んでください。",
        Purpose.AUTH: "ログインに使う証明書を選んでください。",
        Purpose.ANY: "このサイトで使う証明書を選んでください。",
    },
    remember="次回から、このサイトではこの証明書を使う(&R)",
    remember_note="いつでも取り消せます（コマンド card-bridge choices forget）。",
    group="証明書の一覧",
    whose="{holder}（{organization}）",
    nobody="（証明書に記載なし）",
    issuer="発行者：{}",
    expiry="有効期限：{}",
    days_left="有効期限：{}（あと {} 日）",
    reader="カードリーダー：{}",
    states={
        State.VALID: "",
        State.LOCKED: "名義人は、PIN番号を入力すると読み取れます。",
        State.EXPIRED: "有効期限が切れているため、選べません。",
        State.NOT_YET_VALID: "まだ有効期間に入っていないため、選べません。",
        State.UNSUITABLE: "署名に使えない証明書のため、選べません。",
    },
    soon="この証明書の有効期限は {expiry} です（あと {days} 日）。"
    "新しいICカードの手続きを、お早めに認証局へお申し込みください。",
    expired="この証明書は、有効期限（{expiry}）が切れています。",
)

_EN = ChoiceTexts(
    title="Choose a certificate",
    lead={
        Purpose.SIGN: "Choose the certificate to sign with.",
        Purpose.AUTH: "Choose the certificate to log in with.",
        Purpose.ANY: "Choose the certificate that this site may use.",
    },
    remember="&Remember my choice for this site",
    remember_note="You can take it back at any time (command: card-bridge choices forget).",
    group="Certificates",
    whose="{holder} ({organization})",
    nobody="(not named in the certificate)",
    issuer="Issuer: {}",
    expiry="Valid until: {}",
    days_left="Valid until: {} ({} days left)",
    reader="Card reader: {}",
    states={
        State.VALID: "",
        State.LOCKED: "The holder can be read after the PIN.",
        State.EXPIRED: "It has expired and cannot be chosen.",
        State.NOT_YET_VALID: "It is not valid yet and cannot be chosen.",
        State.UNSUITABLE: "It cannot sign and cannot be chosen.",
    },
    soon="This certificate is valid until {expiry} ({days} days left)."
    " Please ask your certification authority for a new card in good time.",
    expired="This certificate expired on {expiry}.",
)


def load(language: str) -> ChoiceTexts:
    """Texts for ja or en."""
    return _EN if language == "en" else _JA


def name(candidate: Candidate, texts: ChoiceTexts) -> str:
    """Whose certificate it is; of one that its card hides, the card."""
    if candidate.state is State.LOCKED:
        return legible(candidate.card)
    names = [legible(each) for each in (candidate.holder, candidate.organization) if each]
    if len(names) == 2:
        return texts.whose.format(holder=names[0], organization=names[1])
    return names[0] if names else texts.nobody


def details(candidate: Candidate, texts: ChoiceTexts) -> list[str]:
    """Issuer, expiry, reader, and why it cannot be chosen; what is hidden is left out."""
    found = [] if candidate.issuer is None else [texts.issuer.format(legible(candidate.issuer))]
    if candidate.expiry is not None:
        soon = candidate.days is not None and 0 <= candidate.days <= SOON_DAYS
        shown = legible(candidate.expiry)
        found.append(texts.days_left.format(shown, candidate.days) if soon else texts.expiry.format(shown))
    found.append(texts.reader.format(legible(candidate.reader)))
    return [*found, *filter(None, [texts.states[candidate.state]])]


def expiry_warning(expiry: str, days: int, texts: ChoiceTexts) -> str | None:
    """What is said of a certificate that is about to be used; None while its expiry is far."""
    if days > SOON_DAYS:
        return None
    return (texts.soon if days >= 0 else texts.expired).format(expiry=legible(expiry), days=days)
