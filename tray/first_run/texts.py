"""Every word of the first run, in Japanese and English. What was found is told in the doctor's words."""

from __future__ import annotations

from typing import Final, NamedTuple

from tray.first_run.course import Action, Mark, Step, Trial


class Texts(NamedTuple):
    title: str
    names: dict[Step, str]
    headings: dict[Step, str]
    """Which of how many."""
    about: dict[Step, str]
    marks: dict[Mark, str]
    here: str
    buttons: dict[Action, str]
    working: str
    signing: str
    which: str
    unknown: str
    software: str
    libraries: str
    unfit: str
    sites: str
    sites_fixed: str
    sites_refused: str
    offers: dict[Action, str]
    no_own_card: str
    fixed: str
    """Why no test signature is offered."""
    trials: dict[Trial, str]
    practised: str
    menu: str
    """Label of the list of steps, for screen readers."""
    keys: str
    """In the terminal, to what is none of them."""
    open_already: str
    call_off: str
    """Ends a test signature that is being waited for."""


JA: Final = Texts(
    title="初期設定 ― カードブリッジ",
    names={
        Step.TRUST: "証明書",
        Step.BROWSER: "ブラウザ",
        Step.SOFTWARE: "認証局のソフトとリーダー",
        Step.CARD: "ICカード",
        Step.TRIAL: "テスト署名",
    },
    headings={
        Step.TRUST: "{}／{}　ブラウザにカードブリッジを信頼させる",
        Step.BROWSER: "{}／{}　ブラウザからの接続",
        Step.SOFTWARE: "{}／{}　認証局のソフトとICカードリーダー",
        Step.CARD: "{}／{}　ICカード",
        Step.TRIAL: "{}／{}　テスト署名",
    },
    about={
        Step.TRUST: "ブラウザとカードブリッジの通信は、このパソコンだけの証明書で守られます。"
        "未登録の行があれば「証明書を登録する」を押し、そのあとブラウザの窓をすべて閉じて開き直してください。",
        Step.BROWSER: "電子入札のサイトを初めて開くと、"
        "ブラウザが「このデバイス上のアプリ」への接続を一度だけたずねます。"
        "アドレスを確かめて「許可」を押してください。",
        Step.SOFTWARE: "認証局から届いた案内に従って専用ソフトを入れ、ICカードリーダーをつないでください。"
        "済んだら「もう一度調べる」を押します。",
        Step.CARD: "ICカードを奥まで差し込んでください。PIN番号は使わず、カードの種類と有効期限だけを確かめます。",
        Step.TRIAL: "本番と同じ画面で一度署名して、最後まで動くことを確かめます。登録や応札は行われません。",
    },
    marks={Mark.UNSEEN: "未確認", Mark.GOOD: "正常", Mark.ATTENTION: "要対応"},
    here="現在の画面",
    buttons={
        Action.LOOK: "もう一度調べる(&R)",
        Action.REPAIR: "証明書を登録する(&I)",
        Action.TAKE_SITES: "一覧のサイトを許可する(&A)",
        Action.TAKE_LIBRARY: "このライブラリを使う(&U)",
        Action.SIGN: "このICカードで署名する(&S)",
        Action.PRACTISE: "練習用カードで署名する(&P)",
        Action.VISIT: "練習用サイトを開く(&O)",
        Action.BACK: "戻る(&B)",
        Action.NEXT: "次へ(&N)",
        Action.LATER: "あとで続ける(&L)",
        Action.FINISH: "閉じる(&C)",
    },
    working="調べています。このままお待ちください…",
    signing="これから開くカードブリッジの画面に答えてください。開くまでに少し時間がかかります…",
    which="お使いのICカードの認証局",
    unknown="分からない・一覧にない",
    software="{}：専用ソフトの入手とお問い合わせは、この認証局へ。",
    libraries="電子入札補助アプリの設定にあったカード用ライブラリ：",
    unfit="電子入札補助アプリの設定にあったカード用ライブラリですが、32ビット版など、このカードブリッジでは使えない種類です。"
    "認証局の64ビット版のソフトを入れてください：",
    sites="電子入札補助アプリの許可URLリストにあったサイトです。"
    "引き継ぐと、カードブリッジはこれらのサイトを確認なしで受け付けます。"
    "心当たりのないものがあれば、引き継がずに、使うときに一つずつ許可してください。",
    sites_fixed="電子入札補助アプリの許可URLリストにあったサイトです。"
    "このパソコンでは管理者がサイトの一覧を固定しているため、引き継げません。",
    sites_refused="次のものは引き継げません（https のサイトではないか、書き方が正しくありません）：",
    offers={
        Action.SIGN: "このICカードで署名する：カードブリッジの確認の画面と「PIN番号入力ダイアログ」が開きます。"
        "PIN番号が確かでないときは押さないでください。",
        Action.PRACTISE: "練習用カードで署名する：PIN番号は 1234 です。お使いのICカードには触れません。",
        Action.VISIT: "練習用サイトを開く：発注機関の練習用サイトをブラウザで開きます。",
    },
    no_own_card="いま入っているICカードではテスト署名をしません。"
    "「ICカード」の画面に要対応の行がないことを確かめてください。",
    fixed="このパソコンではテスト署名はできません（管理者がサイトの一覧を固定しています）。"
    "発注機関の電子入札システムで「動作確認」の画面を開くと、最後まで確かめられます。",
    trials={
        Trial.HELD: "署名は正しく確かめられました。準備は完了です。",
        Trial.UNKNOWN_AUTHORITY: "署名そのものは正しく作られました。"
        "練習用サイトは練習用カードの認証局だけを信頼するため、"
        "カードの認証局は確かめていません。発注機関の電子入札システムが確かめます。準備は完了です。",
        Trial.CHECKED_HERE: "署名をこのパソコンの中で確かめました。"
        "ICカードの電子証明書による正しい署名で、電子証明書は有効期間内です。"
        "認証局と失効は確かめていません。発注機関の電子入札システムが確かめます。準備は完了です。",
        Trial.FAILED: "テスト署名は終わりませんでした。上の行のとおりに直してから、もう一度お試しください。",
    },
    practised="練習用カードの署名は正しく確かめられました。お使いのICカードは、電子入札システムで初めて使われます。",
    menu="手順",
    keys="次のどれかを入力してください：{}",
    open_already="初期設定の画面はすでに開いています。その画面を前に出しました。",
    call_off="キャンセル",
)
EN: Final = Texts(
    title="Set up – card bridge",
    names={
        Step.TRUST: "Certificates",
        Step.BROWSER: "Browser",
        Step.SOFTWARE: "Software and reader",
        Step.CARD: "Card",
        Step.TRIAL: "Test signature",
    },
    headings={
        Step.TRUST: "{} of {}: let browsers trust the card bridge",
        Step.BROWSER: "{} of {}: connections from the browser",
        Step.SOFTWARE: "{} of {}: the authority's software and the card reader",
        Step.CARD: "{} of {}: your card",
        Step.TRIAL: "{} of {}: a test signature",
    },
    about={
        Step.TRUST: "A certificate of this computer alone protects what browser and card bridge say to each other. "
        "If a line says that it is not trusted, press “Install certificates”, then close every browser window and open "
        "the browser again.",
        Step.BROWSER: "When you open an e-bidding site for the first time, the browser asks once whether it may reach "
        "apps on this device. Look at the address and press Allow.",
        Step.SOFTWARE: "Install the certification authority's software as its letter says, and connect the card "
        "reader. Then press “Look again”.",
        Step.CARD: "Insert your card all the way. No PIN is used: only the kind of card and its expiry are looked at.",
        Step.TRIAL: "Sign once in the very windows of e-bidding, to see that everything works. "
        "Nothing is registered and no bid is made.",
    },
    marks={Mark.UNSEEN: "not looked at", Mark.GOOD: "good", Mark.ATTENTION: "needs attention"},
    here="shown now",
    buttons={
        Action.LOOK: "Look &again",
        Action.REPAIR: "&Install certificates",
        Action.TAKE_SITES: "Allo&w these sites",
        Action.TAKE_LIBRARY: "&Use this library",
        Action.SIGN: "&Sign with this card",
        Action.PRACTISE: "Sign with the &practice card",
        Action.VISIT: "&Open the practice site",
        Action.BACK: "&Back",
        Action.NEXT: "&Next",
        Action.LATER: "Continue &later",
        Action.FINISH: "&Close",
    },
    working="Looking. Please wait…",
    signing="Answer the card bridge's windows, which open in a moment…",
    which="Who issued your card",
    unknown="not known, or not in this list",
    software="{}: this authority has the software and answers questions about it.",
    libraries="Card library in the settings of the earlier helper (電子入札補助アプリ):",
    unfit="Card library in the settings of the earlier helper, for another kind of processor (32 bits, as a rule). "
    "Install the authority's software for 64 bits:",
    sites="These sites are on the earlier helper's list (許可URLリスト). If you take them over, the card bridge lets "
    "them in without asking. If you do not know one of them, leave the list, and allow each site when you use it.",
    sites_fixed="These sites are on the earlier helper's list (許可URLリスト). An administrator has fixed the list "
    "of sites on this computer, so they cannot be taken over.",
    sites_refused="These cannot be taken over (no https site, or not written as one):",
    offers={
        Action.SIGN: "Sign with this card: the card bridge asks for your consent and opens its PIN window. "
        "Do not press this unless you are sure of the PIN.",
        Action.PRACTISE: "Sign with the practice card: its PIN is 1234. Your own card is not touched.",
        Action.VISIT: "Open the practice site: your agency's site for practice, in the browser.",
    },
    no_own_card="No test signature is made with the card that is inserted now: see that no line of “Card” needs "
    "attention.",
    fixed="No test signature can be made here: an administrator has fixed the list of sites. "
    "Open 動作確認 in your agency's e-bidding system: it tries everything to the end.",
    trials={
        Trial.HELD: "The signature was checked and holds. Everything is ready.",
        Trial.UNKNOWN_AUTHORITY: "The signature itself was made well. The practice site trusts the practice card's "
        "authority alone, so your card's authority was not checked: your agency's system does that. "
        "Everything is ready.",
        Trial.CHECKED_HERE: "The signature was checked on this computer: it is your card's, over what was asked for, "
        "and its certificate is within its days. Authority and revocation were not looked at: your agency's system "
        "does that. Everything is ready.",
        Trial.FAILED: "The test signature did not come to its end. Do as the line above says, and try again.",
    },
    practised="The practice card's signature was checked and holds. Your own card will be used for the first time "
    "in the e-bidding system.",
    menu="Steps",
    keys="Type one of these: {}",
    open_already="The window is open already, and comes to the front.",
    call_off="Cancel",
)


def load(language: str) -> Texts:
    return EN if language == "en" else JA
