"""Every word that the consent window says, in Japanese and English."""

from __future__ import annotations

from typing import NamedTuple

from tray.consent_window.name import Caution


class Texts(NamedTuple):
    title: str
    question: str
    origin: str
    decoded: str
    cautions: dict[Caution, str]
    may: str
    rights: tuple[str, ...]
    never: str
    """What it does not get, and what to do in doubt."""
    revocable: str
    remember: str
    once: str
    no: str
    remaining: str
    """Minutes, seconds."""
    extend: str


JA = Texts(
    title="サイトの確認 ― カードブリッジ",
    question="このサイトにカードブリッジの使用を許可しますか？",
    origin="サイト",
    decoded="文字にすると：{}",
    cautions={
        Caution.FOREIGN: "サイトの名前に英数字以外の文字が使われています。見た目のよく似た別のサイトのことがあります。"
        "「xn--」を含む上の表記が、発注機関の案内と同じか確かめてください。",
        Caution.UNREADABLE: "サイトの名前が正しい形をしていません。心当たりがなければ「許可しない」を押してください。",
        Caution.UNENCRYPTED: "暗号化されていない、開発用のページです。",
    },
    may="許可すると、このサイトは次のことができます。",
    rights=(
        "カードリーダーとICカードがあるかどうかを知る",
        "ICカードの証明書を読む（氏名、企業名、住所、有効期限など）",
        "PIN番号入力ダイアログを開き、署名を求める（署名の内容は、そのつどダイアログで確認できます）",
    ),
    never="PIN番号がサイトに渡ることはありません。\n電子入札の操作をした覚えがなければ、「許可しない」を押してください。",
    revocable="許可は、画面の隅にあるカードブリッジのアイコンのメニューから、いつでも取り消せます。",
    remember="許可して次から確認しない(&A)",
    once="今回だけ許可(&O)",
    no="許可しない(&N)",
    remaining="残り {}分{:02d}秒",
    extend="時間を延ばす(&E)",
)
EN = Texts(
    title="Site check – card bridge",
    question="Allow this site to use the card bridge?",
    origin="Site",
    decoded="In letters: {}",
    cautions={
        Caution.FOREIGN: "The site's name uses letters beyond a to z. It may be another site that only looks alike. "
        "Compare the form above, with “xn--”, with what your agency told you.",
        Caution.UNREADABLE: "The site's name is malformed. If you do not expect it, press “Do not allow”.",
        Caution.UNENCRYPTED: "This page is not encrypted: it is meant for developers.",
    },
    may="If you allow it, this site can",
    rights=(
        "see whether there are a card reader and a card",
        "read the certificates on your card (name, company, address, expiry)",
        "open the PIN window and ask for signatures (the window shows each time what will be signed)",
    ),
    never="The site never gets your PIN.\nIf you were not about to use e-bidding, press “Do not allow”.",
    revocable="You can take this back at any time, in the menu of the card bridge's icon at the edge of the screen.",
    remember="&Allow, do not ask again",
    once="Allow &once",
    no="Do &not allow",
    remaining="{}:{:02d} left",
    extend="&Extend the time",
)


def load(language: str) -> Texts:
    return EN if language == "en" else JA
