"""What the portal writes to the agency's own people: officers and operators. Pure, like portal.mail.letters.

Whoever reads such a mail sees the qualification data and our own words, nothing that a visitor has typed; the address
in it names a registration by its 受付番号 and opens nothing without a login.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from portal.mail.letters import REASONS, distinct
from portal.registration.admission import Reason
from portal.settings import Agency
from portal.signatures.certificate import TOKYO
from portal.store.mail_rows import Mail

Facts = tuple[tuple[str, str], ...]
"""Lines (label, value) that name a registration, 受付番号 first."""


def arrived(
    agency: Agency, facts: Facts, reasons: Iterable[Reason], address: str, recipients: Iterable[str], now: datetime
) -> list[Mail]:
    """A 仮登録 waits to be decided."""
    why = ("", "仮登録になった理由", *(f"・{REASONS[reason]}" for reason in reasons))
    return _to_officers(agency, "仮登録の審査のお願い", facts, why, address, recipients, now)


def corrected(agency: Agency, facts: Facts, address: str, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """Who applied has signed something else since."""
    news = ("", "申請した人が、審査を待っている登録の内容を変更しました。")
    return _to_officers(agency, "仮登録の内容変更のお知らせ", facts, news, address, recipients, now)


def _to_officers(
    agency: Agency,
    title: str,
    facts: Facts,
    news: tuple[str, ...],
    address: str,
    recipients: Iterable[str],
    now: datetime,
) -> list[Mail]:
    subject = f"【{agency.name}電子入札】{title}（{facts[0][1]}）"
    lines = (
        *(f"{label}: {value}" for label, value in facts),
        f"受付日時: {now.astimezone(TOKYO):%Y/%m/%d %H:%M}",
        *news,
        "",
        "担当者の画面（担当者のICカードでログインしてから開きます）",
        address,
        "",
        f"このメールは、{agency.name}電子入札システムが担当者に自動でお送りしています。",
        "",
    )
    return [Mail(recipient, subject, "\n".join(lines)) for recipient in distinct(recipients)]


def list_ends(agency: Agency, file: str, ends: datetime | None, recipients: Iterable[str], now: datetime) -> list[Mail]:
    """To the operator: a revocation list ends soon, has ended or is missing; the same state has the same subject."""
    state = "ありません" if ends is None else f"{ends.astimezone(TOKYO):%Y/%m/%d %H:%M}まで"
    over = "失効リストがないため、" if ends is None else "失効リストの期限が切れると、"
    if ends is not None and ends <= now:
        state, over = f"{state}、期限切れ", "失効リストの期限が切れたため、"
    subject = f"【{agency.name}電子入札】失効リストの更新が必要です（{file}：{state}）"
    lines = (
        f"失効リスト {file}：{state}",
        "",
        f"{over}この認証局のICカードは受け付けられません（revocation_unavailable）。",
        "card-bridge portal fetch-crls の結果と、認証局の公開状況を確かめてください。",
        "",
        f"確認日時: {now.astimezone(TOKYO):%Y/%m/%d %H:%M}",
        "",
    )
    return [Mail(recipient, subject, "\n".join(lines)) for recipient in distinct(recipients)]
