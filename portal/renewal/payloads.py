"""What the two cards sign in ICカード更新: sections of {label, value} (docs/protocol.md). Pure."""

from __future__ import annotations

from typing import Any

from portal.form.sections import NOT_ON_CARD, division_lines
from portal.signatures.certificate import CertificateView
from portal.store import Registration

HANDOVER = "handover"
HANDOVER_ACTION = "利用者登録（ICカード更新）旧ICカードの引継ぎ"
ACCEPTANCE = "acceptance"
ACCEPTANCE_ACTION = "利用者登録（ICカード更新）新ICカードの受入れ"
HANDOVER_HASH = "引継ぎの署名（SHA-256）"
"""The payload's key for what an acceptance holds on to; the window lists it under this name, after the sections."""
_OLD, _NEW = "旧ICカード（これまでのカード）", "新ICカード（これからのカード）"


def handover_sections(
    agency: str, category: str, old: CertificateView, new: CertificateView | None, minutes: int
) -> list[Any]:
    """旧ICカード, 新ICカード, 引継ぎ; `new` is None while the new card has not been in a reader."""
    waits = f"署名から{minutes}分以内に1回"
    return [
        _section(_OLD, *_card(old)),
        _section(_NEW, *(_card(new) if new is not None else _expected(old))),
        _section("引継ぎ", ("調達機関", agency), *division_lines(category), ("引継ぎの期限", waits)),
    ]


def acceptance_sections(old: CertificateView, new: CertificateView, registration: Registration) -> list[Any]:
    """旧ICカード, 新ICカード, 引き継ぐ登録; `registration` is the old card's."""
    return [
        _section(_OLD, *_card(old)),
        _section(_NEW, *_card(new)),
        _section(
            "引き継ぐ登録",
            *division_lines(registration.category),
            ("企業ID", registration.company_id),
            ("業者番号", registration.contractor.number),
            ("企業名称", registration.contractor.name),
        ),
    ]


def acceptance_payload(handover: str, sections: list[Any]) -> dict[str, Any]:
    """What an acceptance says; `handover` is the SHA-256 (hex) of the hand-over's CMS as received."""
    return {"sections": sections, HANDOVER_HASH: handover}


def _card(view: CertificateView) -> tuple[tuple[str, str], ...]:
    return (
        *_holder(view),
        ("証明書シリアル番号", view.serial),
        ("証明書発行者", view.issuer),
        ("証明書有効期限", view.expiry),
    )


def _expected(old: CertificateView) -> tuple[tuple[str, str], ...]:
    return (*_holder(old), ("証明書有効期限", "差し替えた後に、新ICカードの署名で確かめます"))


def _holder(view: CertificateView) -> tuple[tuple[str, str], ...]:
    return (
        ("ICカード企業名称", view.organization or NOT_ON_CARD),
        ("ICカード取得者氏名", view.holder or NOT_ON_CARD),
    )


def _section(label: str, *lines: tuple[str, str]) -> dict[str, Any]:
    return {"label": label, "value": [{"label": name, "value": value} for name, value in lines]}
