"""Every word of the tray icon, in both languages."""

from __future__ import annotations

from typing import NamedTuple

from tray.menu.status import Language, State, Trouble


class CardTexts(NamedTuple):
    title: str
    none: str
    """The title where no card is in a reader."""
    label: str
    unread: str
    failed: str
    read: str
    read_again: str
    nobody: str
    whose: str
    holder: str
    issuer: str
    serial: str
    expiry: str
    days_left: str
    last_day: str
    expired: str
    tries: str
    hidden: str


class Texts(NamedTuple):
    name: str
    states: dict[State, str]
    troubles: dict[Trouble, str]
    advice: dict[State | Trouble, str]
    """What to do, where something is to be done."""
    detail: str
    tries: str
    unlocked: str
    """Origin and time of the end."""
    clock: str
    open_status: str
    forget: str
    sites: str
    no_sites: str
    revoke: str
    signatures: str
    no_signatures: str
    signature: str
    day: str
    card: CardTexts
    language: str
    languages: dict[Language, str]
    fixed: str
    tell_cards: str
    set_up: str
    log_folder: str
    about: str
    version: str
    licence: str
    website: str
    quit: str


_LANGUAGES = {Language.JA: "日本語", Language.EN: "English"}
"""Each in its own words: whoever cannot read the menu finds the way."""

_JA = Texts(
    name="カードブリッジ",
    states={
        State.READY: "準備完了：ICカードを使えます",
        State.NO_CARD: "ICカードを差し込んでください",
        State.NO_READER: "カードリーダーをつないでください",
        State.UNLOCKED: "PIN認証中",
        State.NEARLY_LOCKED: "ICカードがもうすぐロックされます",
        State.ATTENTION: "確認が必要です",
    },
    troubles={
        Trouble.LOCKED: "ICカードがロックされています",
        Trouble.EXPIRED: "証明書の有効期限が切れています",
    },
    advice={
        State.NEARLY_LOCKED: "PIN番号を書類で確かめてから入力してください。分からないときは認証局へ",
        Trouble.LOCKED: "解除の方法は、ICカードを購入した認証局に確かめてください",
        Trouble.EXPIRED: "新しいICカードを、認証局に申し込んでください",
    },
    detail="{}（{}）",
    tries="残り {} 回",
    unlocked="{origin}、{time} まで",
    clock="%H:%M",
    open_status="診断と状態を見る…",
    forget="PIN認証を今すぐ終える",
    sites="許可サイト",
    no_sites="許可サイト（なし）",
    revoke="{} の許可を取り消す",
    signatures="最近の署名",
    no_signatures="最近の署名（なし）",
    signature="{day}　{action}　{site}",
    day="%m/%d %H:%M",
    card=CardTexts(
        title="カードと証明書",
        none="カードと証明書（カードなし）",
        label="カード：{}",
        unread="まだ読み取っていません",
        failed="読み取れませんでした：{}",
        read="カードを読み取る",
        read_again="もう一度読み取る",
        nobody="（証明書に記載なし）",
        whose="{holder}（{organization}）",
        holder="名義人：{}",
        issuer="発行者：{}",
        serial="シリアル番号：{}",
        expiry="有効期限：{}",
        days_left="{expiry}（あと {days} 日）",
        last_day="{expiry}（今日まで）",
        expired="{expiry}（期限切れ）",
        tries="PIN番号の残り回数：{} 回",
        hidden="署名用の証明書は、PIN番号を入力すると読み取れます",
    ),
    language="言語 / Language",
    languages={Language.AUTO: "自動（OSの言語）", **_LANGUAGES},
    fixed="管理者が設定しています",
    tell_cards="カードの抜き差しを通知する",
    set_up="初期設定…",
    log_folder="ログのフォルダーを開く",
    about="カードブリッジについて",
    version="バージョン {}",
    licence="ライセンス：Apache License 2.0",
    website="ライセンスの全文を開く",
    quit="終了",
)
_EN = Texts(
    name="Card bridge",
    states={
        State.READY: "Ready: the card can be used",
        State.NO_CARD: "Please insert your card",
        State.NO_READER: "Please connect the card reader",
        State.UNLOCKED: "PIN session open",
        State.NEARLY_LOCKED: "The card is nearly locked",
        State.ATTENTION: "Needs your attention",
    },
    troubles={
        Trouble.LOCKED: "The card is locked",
        Trouble.EXPIRED: "The certificate has expired",
    },
    advice={
        State.NEARLY_LOCKED: "Look the PIN up in the CA's letter before you type it; if in doubt, ask the CA",
        Trouble.LOCKED: "Ask the CA that issued the card how to unlock it",
        Trouble.EXPIRED: "Ask the CA for a new card",
    },
    detail="{} ({})",
    tries="tries left: {}",
    unlocked="{origin}, until {time}",
    clock="%H:%M",
    open_status="Diagnosis and status…",
    forget="End the PIN session now",
    sites="Allowed sites",
    no_sites="Allowed sites (none)",
    revoke="Revoke {}",
    signatures="Recent signatures",
    no_signatures="Recent signatures (none)",
    signature="{day}   {action}   {site}",
    day="%m-%d %H:%M",
    card=CardTexts(
        title="Card and certificate",
        none="Card and certificate (no card)",
        label="Card: {}",
        unread="Not read yet",
        failed="Could not be read: {}",
        read="Read the card",
        read_again="Read again",
        nobody="(not named in the certificate)",
        whose="{holder} ({organization})",
        holder="Holder: {}",
        issuer="Issuer: {}",
        serial="Serial number: {}",
        expiry="Expires: {}",
        days_left="{expiry} (days left: {days})",
        last_day="{expiry} (today is the last day)",
        expired="{expiry} (expired)",
        tries="PIN tries left: {}",
        hidden="The certificate for signatures is shown after the PIN",
    ),
    language="言語 / Language",
    languages={Language.AUTO: "Automatic (the system's)", **_LANGUAGES},
    fixed="Set by your administrator",
    tell_cards="Notify when a card is inserted or removed",
    set_up="Set up…",
    log_folder="Open the log folder",
    about="About Card Bridge",
    version="version {}",
    licence="Licence: Apache License 2.0",
    website="Open the text of the licence",
    quit="Quit",
)


def load(language: str) -> Texts:
    return _EN if language == "en" else _JA
