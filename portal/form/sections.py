"""What is signed, as people read it: ordered lists of {label, value} (docs/protocol.md). Pure.

The registration's sections follow 登録内容確認 of the procedure. No password ever enters them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from portal.form import fields
from portal.registration import divisions
from portal.registration.admission import Remark
from portal.registration.purposes import Purpose
from portal.signatures import certificate
from portal.signatures.certificate import CertificateView
from portal.store.rows import Contractor, Registration, State

USER = "入札情報公開システムのユーザ情報"
DIVISION = "登録区分"
NOT_ON_CARD = "（証明書に記載なし）"


class Form(NamedTuple):
    """The form screen: the company as qualified, the card as verified, the fields as typed so far, what is noticed.

    `user_id` is that of 入札情報公開システム where one was given; its password is nowhere near. `category` is the 区分
    where the agency registers by category, else empty.
    """

    contractor: Contractor
    card: CertificateView
    typed: dict[str, str]
    remarks: tuple[Remark, ...] = ()
    user_id: str = ""
    category: str = ""


def login_payload(agency: str, purpose: Purpose, category: str) -> dict[str, Any]:
    """What a login statement says."""
    lines = (("調達機関", agency), *division_lines(category), ("業務", purpose.business))
    return {"sections": [_section("ログイン", _lines(*lines))]}


def officer_login_payload(agency: str) -> dict[str, Any]:
    """What an officer's login statement says."""
    return {
        "sections": [_section("担当者のログイン", _lines(("調達機関", agency), ("業務", "利用者登録の審査と管理")))]
    }


def decision_payload(registration: Registration, label: str, reason: str) -> dict[str, Any]:
    """What an officer's decision says: on which registration, by what its holder signed, and why, line by line."""
    card, contractor = certificate.read(registration.certificate), registration.contractor
    about = (
        ("決定", label),
        ("受付番号", registration.reception),
        *division_lines(registration.category),
        ("企業ID", registration.company_id),
        ("業者番号", contractor.number),
        ("企業名称", contractor.name),
        ("ICカード取得者氏名", card.holder or NOT_ON_CARD),
        ("証明書シリアル番号", card.serial),
        ("証明書発行者", card.issuer),
    )
    why = [("理由", line) for line in reason.split("\n") if line]
    return {"対象の署名（SHA-256）": registration.cms_sha256, "sections": [_section("審査", _lines(*about, *why))]}


def division_lines(category: str) -> tuple[tuple[str, str], ...]:
    """The line that names the 区分, where there is one."""
    return (("区分", divisions.label(category)),) if category else ()


def registration_payload(form: Form) -> dict[str, Any]:
    """What a registration statement says: the sections, and 業者番号 beside them."""
    return {"contractor": form.contractor.number, "sections": registration_sections(form)}


def registered_form(registration: Registration) -> Form:
    """What is in force for a registered card, with what was noticed when it was registered."""
    card = certificate.read(registration.certificate)
    return Form(registration.contractor, card, registration.form, registration.remarks, category=registration.category)


def registered_sections(registration: Registration) -> list[Any]:
    """The sections of what is in force for a registered card."""
    return registration_sections(registered_form(registration))


def change_payload(registration: Registration, contractor: Contractor, sections: list[Any]) -> dict[str, Any]:
    """What a change statement says: 企業ID (受付番号 while it waits), 業者番号, the sections with their old values."""
    waits, identity = registration.state is State.PROVISIONAL, registration.identity
    named = identity.label if waits else "companyId"
    return {named: identity.value, "contractor": contractor.number, "sections": sections}


def registration_sections(form: Form) -> list[Any]:
    """企業情報, 代表窓口情報, ICカード利用部署情報, ICカード情報 in this order; ユーザ情報 where there is one.

    The 区分 stands before them where the agency registers by category.
    """
    division = [_section(DIVISION, _lines(*division_lines(form.category)))] if form.category else []
    user = [_section(USER, _lines(("ユーザID", form.user_id)))] if form.user_id else []
    return [
        *division,
        _section(fields.COMPANY.label, _company(form.contractor) + _typed(fields.COMPANY, form.typed)),
        _section(fields.CONTACT.label, _typed(fields.CONTACT, form.typed)),
        _section(fields.CARD.label, _holder(form.card) + _typed(fields.CARD, form.typed)),
        _section("ICカード情報", _card(form.card)),
        *user,
    ]


def _company(contractor: Contractor) -> list[Any]:
    return _lines(
        ("企業名称", contractor.name),
        ("企業郵便番号", contractor.postal_code),
        ("企業住所", contractor.address),
        ("代表者氏名", contractor.representative),
        ("代表者役職", contractor.representative_title),
    )


def _holder(card: CertificateView) -> list[Any]:
    return _lines(
        ("ICカード企業名称", card.organization or NOT_ON_CARD),
        ("ICカード取得者氏名", card.holder or NOT_ON_CARD),
        ("ICカード取得者住所", card.address or NOT_ON_CARD),
    )


def _card(card: CertificateView) -> list[Any]:
    return _lines(("証明書シリアル番号", card.serial), ("証明書発行者", card.issuer), ("証明書有効期限", card.expiry))


def _typed(section: fields.Section, typed: Mapping[str, str]) -> list[Any]:
    shown = (field for field in section.fields if field.kind is not fields.Kind.MAIL_AGAIN)
    return _lines(*((field.label, typed[field.name]) for field in shown))


def _lines(*pairs: tuple[str, str]) -> list[Any]:
    return [{"label": label, "value": value} for label, value in pairs]


def _section(label: str, lines: list[Any]) -> dict[str, Any]:
    return {"label": label, "value": lines}
