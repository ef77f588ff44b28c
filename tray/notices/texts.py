"""The notifications' words, in Japanese and English (pure)."""

from __future__ import annotations

from typing import NamedTuple

from tray.pin_window.legible import legible


class Notice(NamedTuple):
    title: str
    text: str
    lasting: bool = False
    """Something to act on: the desktop keeps it after it was shown."""


class _Texts(NamedTuple):
    inserted: str
    removed: str
    expiry: str
    today: str
    renew: str
    nobody: str
    name: str
    no_icon: str


_JA = _Texts(
    inserted="ICカードが差し込まれました",
    removed="ICカードが抜かれました",
    expiry="証明書の有効期限まで、あと {days} 日です",
    today="証明書の有効期限は、今日までです",
    renew="{holder}：有効期限 {expiry}。新しいICカードの手続きを、お早めに認証局へお申し込みください。"
    "届くまでに二週間ほどかかることがあります。",
    nobody="ICカードの証明書",
    name="カードブリッジ",
    no_icon="通知領域のないデスクトップのため、アイコンを表示できません。カードブリッジはこのまま動作します。"
    "このお知らせは、一度だけ表示されます。",
)
_EN = _Texts(
    inserted="A card was inserted",
    removed="A card was removed",
    expiry="Days until the certificate expires: {days}",
    today="The certificate expires today",
    renew="{holder}: valid until {expiry}. Apply to the CA for a new card in good time; it can take two weeks.",
    nobody="The card's certificate",
    name="Card bridge",
    no_icon="This desktop has no notification area, so no icon is shown. The card bridge goes on working. "
    "You are told this only once.",
)


def inserted(reader: str, language: str) -> Notice:
    return Notice(_load(language).inserted, legible(reader))


def removed(reader: str, language: str) -> Notice:
    return Notice(_load(language).removed, legible(reader))


def expiry(holder: str, last_day: str, days: int, language: str) -> Notice:
    """`last_day`: YYYY/MM/DD; `days`: until then, 0 on the day itself."""
    texts = _load(language)
    title = texts.expiry.format(days=days) if days else texts.today
    return Notice(title, texts.renew.format(holder=legible(holder) or texts.nobody, expiry=last_day), lasting=True)


def no_icon(language: str) -> Notice:
    texts = _load(language)
    return Notice(texts.name, texts.no_icon, lasting=True)


def _load(language: str) -> _Texts:
    return _EN if language == "en" else _JA
