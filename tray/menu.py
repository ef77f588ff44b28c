"""What the tray icon says and offers, in Japanese and English (pure; no toolkit)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import partial
from typing import NamedTuple

_ACTION_SHOWN = 30
"""Characters of a page's words that a line of the menu has room for."""


class State(Enum):
    """One picture each; when several hold, the last one in this order is shown."""

    READY = "ready"
    NO_CARD = "no_card"
    NO_READER = "no_reader"
    UNLOCKED = "unlocked"
    ATTENTION = "attention"


class Signature(NamedTuple):
    """One of the last signatures, from the record."""

    at: datetime
    """In this computer's time zone."""
    origin: str
    action: str
    """The page's words for it."""


class Status(NamedTuple):
    state: State
    detail: str = ""
    """The card's label, the origin that a PIN session is open for, or what needs attention; may be empty."""
    granted: tuple[str, ...] = ()
    """Origins that the person allowed and can take back."""
    signed: tuple[Signature, ...] = ()
    """The newest first."""


class Actions(NamedTuple):
    """What the menu sets off. Called where `hand_over` puts them, never in the icon's own thread."""

    open_status: Callable[[], None]
    forget_pin_session: Callable[[], None]
    revoke: Callable[[str], None]
    """Take an origin's grant back."""
    quit: Callable[[], None]


class Item(NamedTuple):
    text: str
    action: Callable[[], None] | None
    """None: a line to read."""
    default: bool = False
    """What a click on the icon itself does."""
    inside: tuple[Item, ...] = ()
    """What a menu of its own offers."""


class _Texts(NamedTuple):
    name: str
    states: dict[State, str]
    detail: str
    open_status: str
    forget: str
    sites: str
    no_sites: str
    revoke: str
    signatures: str
    no_signatures: str
    signature: str
    day: str
    quit: str
    no_host: str


_JA = _Texts(
    name="カードブリッジ",
    states={
        State.READY: "準備完了：ICカードを使えます",
        State.NO_CARD: "ICカードを差し込んでください",
        State.NO_READER: "カードリーダーをつないでください",
        State.UNLOCKED: "PIN認証中",
        State.ATTENTION: "確認が必要です",
    },
    detail="{}（{}）",
    open_status="状態を見る…",
    forget="PIN認証を今すぐ終える",
    sites="許可サイト",
    no_sites="許可サイト（なし）",
    revoke="{} の許可を取り消す",
    signatures="最近の署名",
    no_signatures="最近の署名（なし）",
    signature="{day}　{action}　{site}",
    day="%m/%d %H:%M",
    quit="終了",
    no_host="通知領域のないデスクトップのため、アイコンを表示できません。カードブリッジはこのまま動作します。",
)
_EN = _Texts(
    name="Card bridge",
    states={
        State.READY: "Ready: the card can be used",
        State.NO_CARD: "Please insert your card",
        State.NO_READER: "Please connect the card reader",
        State.UNLOCKED: "PIN session open",
        State.ATTENTION: "Needs your attention",
    },
    detail="{} ({})",
    open_status="Show status…",
    forget="End the PIN session now",
    sites="Allowed sites",
    no_sites="Allowed sites (none)",
    revoke="Revoke {}",
    signatures="Recent signatures",
    no_signatures="Recent signatures (none)",
    signature="{day}   {action}   {site}",
    day="%m-%d %H:%M",
    quit="Quit",
    no_host="This desktop has no notification area, so no icon is shown. The card bridge goes on working.",
)


def name(language: str) -> str:
    return _texts(language).name


def sentence(status: Status, language: str) -> str:
    """The status in one line."""
    texts = _texts(language)
    state = texts.states[status.state]
    return texts.detail.format(state, status.detail) if status.detail else state


def items(status: Status, actions: Actions, language: str) -> list[Item | None]:
    """The menu from top to bottom; None is a separator."""
    texts = _texts(language)
    forget = actions.forget_pin_session if status.state is State.UNLOCKED else None
    return [
        Item(sentence(status, language), None),
        None,
        Item(texts.open_status, actions.open_status, default=True),
        _signatures(status.signed, texts),
        Item(texts.forget, forget),
        _sites(status.granted, actions, texts),
        None,
        Item(texts.quit, actions.quit),
    ]


def _signatures(signed: tuple[Signature, ...], texts: _Texts) -> Item:
    """Lines to read: what was signed stands in the record, `card-bridge audit list`."""
    inside = tuple(Item(_signature(each, texts), None) for each in signed)
    return Item(texts.signatures if inside else texts.no_signatures, None, inside=inside)


def _signature(each: Signature, texts: _Texts) -> str:
    site = each.origin.removeprefix("https://")
    action = each.action if len(each.action) <= _ACTION_SHOWN else each.action[: _ACTION_SHOWN - 1] + "…"
    return texts.signature.format(day=each.at.strftime(texts.day), action=action, site=site)


def _sites(granted: tuple[str, ...], actions: Actions, texts: _Texts) -> Item:
    """Chosen is revoked: there is nothing to lose, the site may ask again."""
    inside = tuple(Item(texts.revoke.format(origin), partial(actions.revoke, origin)) for origin in granted)
    return Item(texts.sites if inside else texts.no_sites, None, inside=inside)


def no_host(language: str) -> str:
    """What is said, once, where no icon can be shown."""
    return _texts(language).no_host


def _texts(language: str) -> _Texts:
    return _EN if language == "en" else _JA
