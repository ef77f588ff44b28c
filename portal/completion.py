"""The mails that tell of a completed registration. Pure; they are sent from the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from portal.certificate import TOKYO
from portal.settings import Agency
from portal.store.rows import Mail, State

Composer = Callable[[str, State], list[Mail]]
"""(企業ID, state) → the mails to put into the outbox with the registration."""

_BODY = {
    State.REGISTERED: "利用者情報の登録が完了いたしました。",
    State.PROVISIONAL: "利用者情報を受け付けました(仮登録)。内容の確認が終わり次第、あらためてメールでお知らせします。",
}
_SUBJECT = {
    State.REGISTERED: "利用者登録完了のお知らせ",
    State.PROVISIONAL: "利用者登録(仮登録)受付のお知らせ",
}


def composer(agency: Agency, company: str, form: Mapping[str, str], now: datetime) -> Composer:
    """Composes one mail for each address of the form, one if both are equal."""
    recipients = list(dict.fromkeys((form["contact_mail"], form["card_mail"])))

    def compose(company_id: str, state: State) -> list[Mail]:
        subject = f"【{agency.name}電子入札】{_SUBJECT[state]}"
        body = _body(agency, company, company_id, state, now)
        return [Mail(recipient, subject, body) for recipient in recipients]

    return compose


def _body(agency: Agency, company: str, company_id: str, state: State, now: datetime) -> str:
    return "\n".join(
        (
            f"{company} 様",
            "",
            _BODY[state],
            f"企業ID: {company_id}",
            f"受付日時: {now.astimezone(TOKYO):%Y/%m/%d %H:%M}",
            "",
            "このメールは補助的なお知らせです。登録内容は電子入札システムの画面で確かめてください。",
            f"お問い合わせ: {agency.contact.department} TEL {agency.contact.telephone}",
            "",
        )
    )
