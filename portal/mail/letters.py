"""What the portal writes to companies, one function per occasion. Pure; the mails go into the outbox (portal.store).

Each takes the agency, what the mail is about, the addresses that this occasion concerns and the time, and gives one
mail for each different address. Subjects and texts hold nothing that a visitor has typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from portal.settings import Agency
from portal.signatures.certificate import TOKYO
from portal.store.rows import Mail, State


class About(NamedTuple):
    """The company's name, and the lines (label, value) that name the registration: 区分 where there is one, 企業ID."""

    company: str
    facts: tuple[tuple[str, str], ...]


class _Occasion(NamedTuple):
    """Why a mail is written: the end of its subject, and what it tells."""

    title: str
    news: tuple[str, ...]

    def and_also(self, lines: tuple[str, ...]) -> _Occasion:
        return self._replace(news=(*self.news, *lines))


_COMPLETION = _Occasion("利用者登録完了のお知らせ", ("利用者情報の登録が完了いたしました。",))
_RECEPTION = _Occasion(
    "利用者登録(仮登録)受付のお知らせ",
    ("利用者情報を受け付けました(仮登録)。", "内容の確認が終わりましたら、あらためてメールでお知らせします。"),
)
_CHANGE = _Occasion(
    "利用者情報変更完了のお知らせ",
    (
        "利用者情報の変更が完了いたしました。",
        "このメールは、変更前と変更後のメールアドレスにお送りしています。",
        "お心当たりがない場合は、お手数ですが下記までお問い合わせください。",
    ),
)
_CLAIM = _Occasion(
    "利用者登録の申込みについて確認のお願い",
    (
        "貴社の業者番号で、登録済みのICカードとは別のICカードから利用者登録の申込みがありました。",
        "担当課で内容を確認するまで、この申込みは仮登録のままとし、貴社の登録内容は変わりません。",
        "お心当たりがない場合は、お手数ですが下記までお問い合わせください。",
    ),
)
_RENEWAL = _Occasion(
    "ICカード更新完了のお知らせ",
    (
        "ICカードの更新が完了いたしました。",
        "これからは新しいICカードをお使いください。これまでのICカードは使えなくなりました。",
        "お心当たりがない場合は、お手数ですが下記までお問い合わせください。",
    ),
)


def registered(agency: Agency, about: About, state: State, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """登録: completed, or received as 仮登録. Goes to both addresses of the form. `state` is one of these two."""
    occasions = {
        State.REGISTERED: _COMPLETION.and_also(agency.letters.registered),
        State.PROVISIONAL: _RECEPTION.and_also(agency.letters.provisional),
    }
    return _letters(agency, about, occasions[state], recipients, now)


def changed(agency: Agency, about: About, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """変更: done. Goes to the new addresses and to the ones before."""
    occasion = _CHANGE.and_also(agency.letters.changed)
    return _letters(agency, about, occasion, recipients, now)


def claimed(agency: Agency, about: About, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """仮登録 by somebody else's card for a 業者番号 that is registered. Goes to the contacts registered so far."""
    occasion = _CLAIM.and_also(agency.letters.claimed)
    return _letters(agency, about, occasion, recipients, now)


def renewed(agency: Agency, about: About, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """ICカード更新: done. Goes to the company's contact and the card's."""
    occasion = _RENEWAL.and_also(agency.letters.renewed)
    return _letters(agency, about, occasion, recipients, now)


def _letters(agency: Agency, about: About, occasion: _Occasion, recipients: Iterable[str], now: datetime) -> list[Mail]:
    subject = f"【{agency.name}電子入札】{occasion.title}"
    body = _body(agency, about, occasion.news, now)
    return [Mail(recipient, subject, body) for recipient in _distinct(recipients)]


def _distinct(recipients: Iterable[str]) -> list[str]:
    """Each mailbox once, in order; a domain's letter case makes no other mailbox (RFC 5321 §2.4)."""
    found: dict[tuple[str, str], str] = {}
    for recipient in recipients:
        mailbox, _, domain = recipient.rpartition("@")
        found.setdefault((mailbox, domain.lower()), recipient)
    return list(found.values())


def _body(agency: Agency, about: About, news: tuple[str, ...], now: datetime) -> str:
    return "\n".join(
        (
            f"{about.company} 様",
            "",
            *news,
            "",
            *(f"{label}: {value}" for label, value in about.facts),
            f"受付日時: {now.astimezone(TOKYO):%Y/%m/%d %H:%M}",
            "",
            "このメールは補助的なお知らせです。登録内容は電子入札システムの画面で確かめてください。",
            *agency.letters.every,
            "",
            f"お問い合わせ: {agency.contact.department} TEL {agency.contact.telephone}",
            "",
        )
    )
