"""What the portal writes to companies, one function per occasion. Pure; the mails go into the outbox (portal.store).

Each takes the agency, what the mail is about, the addresses that this occasion concerns and the time, and gives one
mail for each different address. Subjects and texts hold nothing that a visitor has typed; an officer's reasons stand
in the text alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from portal.registration.admission import Reason
from portal.settings import Agency
from portal.signatures.certificate import TOKYO
from portal.store.mail_rows import Mail
from portal.store.rows import Outcome, State


class About(NamedTuple):
    """The company's name, and the lines (label, value) that name the registration: 区分 if there is one, 企業ID …"""

    company: str
    facts: tuple[tuple[str, str], ...]


Reasons = tuple[str, ...]
"""An officer's reasons, line by line."""


class _Occasion(NamedTuple):
    """Why a mail is written: the end of its subject, what it tells, and what its time is the time of."""

    title: str
    news: tuple[str, ...]
    moment: str = "受付日時"

    def and_also(self, lines: tuple[str, ...]) -> _Occasion:
        return self._replace(news=(*self.news, *lines))


_COMPLETION = _Occasion("利用者登録完了のお知らせ", ("利用者情報の登録が完了いたしました。",))
_RECEPTION = _Occasion(
    "利用者登録(仮登録)受付のお知らせ",
    ("利用者情報を受け付けました(仮登録)。登録はまだ完了していません。",),
)
REASONS = {
    Reason.ORGANIZATION_ABSENT: "ICカードの証明書に企業名称が記載されていません。",
    Reason.ORGANIZATION_DIFFERS: "ICカードの企業名称が、資格審査情報の商号又は名称と異なります。",
    Reason.HOLDER_DIFFERS: "ICカードの取得者氏名が、代表者氏名と異なります。",
    Reason.HOLDER_UNKNOWN: "ICカードの取得者氏名と代表者氏名を、自動では比べられません。",
    Reason.REVOCATION_UNKNOWN: "認証局の失効情報をまだ確認できません。確認できしだい、自動でICカードを確かめます。",
    Reason.CARD_REFUSED: "認証局の失効情報で確かめたところ、ICカードは有効ではありませんでした。",
    Reason.NUMBER_TAKEN: "この業者番号では別のICカードが登録済みです。その連絡先にも、この申込みをお知らせしました。",
}
"""Why a registration waits, without anybody's name; the pages say which names they are."""
_NEXT = (
    "",
    "このあとの流れ",
    "・担当課で内容を確認し、結果をメールでお知らせします。企業IDは、受理された後にお知らせします。",
    "・それまで、このICカードで入札の手続はできません。",
    "・お急ぎのときは、受付番号を添えて下記までお問い合わせください。",
)
_BY_ITSELF = (
    "",
    "このあとの流れ",
    "・失効情報を確認できしだい、電子入札システムが自動でICカードを確かめ、結果をメールでお知らせします。",
    "・企業IDは、受理された後にお知らせします。もう一度署名していただく必要はありません。",
    "・それまで、このICカードで入札の手続はできません。",
    "・お急ぎのときは、受付番号を添えて下記までお問い合わせください。",
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

_ACCEPTED = _Occasion(
    "利用申請 受理のお知らせ",
    (
        "利用申請(仮登録)を受理し、利用者登録が完了いたしました。",
        "これから、登録したICカードで手続を行えます。",
        "利用者情報は、利用者登録メニューの「照会・再印刷」で確かめ、印刷することができます。",
    ),
    "受理日時",
)
_REFUSED = _Occasion(
    "利用申請 不受理のお知らせ",
    ("利用申請(仮登録)は受理できませんでした。登録は行われていません。",),
    "不受理の日時",
)
_AGAIN = ("", "理由を確かめて、利用者登録メニューの「登録」からもう一度申請することができます。")
_STOPPED = _Occasion(
    "ICカード利用停止のお知らせ",
    ("登録されているICカードの利用を停止いたしました。解除されるまで、このICカードではログインできません。",),
    "停止日時",
)
_RESUMED = _Occasion(
    "ICカード利用停止解除のお知らせ",
    ("ICカードの利用停止を解除いたしました。これまでどおり、このICカードで手続を行えます。",),
    "解除日時",
)


def registered(agency: Agency, about: About, outcome: Outcome, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """登録: completed, or received as 仮登録, and then why. Goes to both addresses of the form."""
    if outcome.state is State.REGISTERED:
        occasion = _COMPLETION.and_also(agency.letters.registered)
    else:
        steps = _BY_ITSELF if outcome.reasons == (Reason.REVOCATION_UNKNOWN,) else _NEXT
        occasion = _RECEPTION.and_also(_why(outcome.reasons)).and_also(steps).and_also(agency.letters.provisional)
    return _letters(agency, about, occasion, recipients, now)


def _why(reasons: Iterable[Reason]) -> tuple[str, ...]:
    return ("", "仮登録になった理由", *(f"・{REASONS[reason]}" for reason in reasons))


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


def accepted(agency: Agency, about: About, _: Reasons, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """受理: the registration is complete. What an officer noted beside it stays in the log."""
    return _letters(agency, about, _ACCEPTED, recipients, now)


def refused(agency: Agency, about: About, reasons: Reasons, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """不受理, with the officer's reasons."""
    return _letters(agency, about, _REFUSED.and_also(_because(reasons)).and_also(_AGAIN), recipients, now)


def stopped(agency: Agency, about: About, reasons: Reasons, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """利用停止, with the officer's reasons."""
    return _letters(agency, about, _STOPPED.and_also(_because(reasons)), recipients, now)


def resumed(agency: Agency, about: About, _: Reasons, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """The stop is lifted."""
    return _letters(agency, about, _RESUMED, recipients, now)


def _because(reasons: Reasons) -> tuple[str, ...]:
    return ("", "理由", *(f"・{each}" for each in reasons))


def _letters(agency: Agency, about: About, occasion: _Occasion, recipients: Iterable[str], now: datetime) -> list[Mail]:
    found = distinct(recipients)
    if not found:  # most registrations have nobody to be told of a claim
        return []
    subject = f"【{agency.name}電子入札】{occasion.title}"
    body = _body(agency, about, occasion, now)
    return [Mail(recipient, subject, body) for recipient in found]


def distinct(recipients: Iterable[str]) -> list[str]:
    """Each mailbox once, in order; a domain's letter case makes no other mailbox (RFC 5321 §2.4)."""
    found: dict[tuple[str, str], str] = {}
    for recipient in recipients:
        mailbox, _, domain = recipient.rpartition("@")
        found.setdefault((mailbox, domain.lower()), recipient)
    return list(found.values())


def _body(agency: Agency, about: About, occasion: _Occasion, now: datetime) -> str:
    return "\n".join(
        (
            f"{about.company} 様",
            "",
            *occasion.news,
            "",
            *(f"{label}: {value}" for label, value in about.facts),
            f"{occasion.moment}: {now.astimezone(TOKYO):%Y/%m/%d %H:%M}",
            "",
            "このメールは補助的なお知らせです。登録内容は電子入札システムの画面で確かめてください。",
            *agency.letters.every,
            "",
            f"お問い合わせ: {agency.contact.department} TEL {agency.contact.telephone}",
            "",
        )
    )
