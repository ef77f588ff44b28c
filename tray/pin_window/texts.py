"""Every word that the PIN window says, in Japanese and English. Short, kind, and saying what to do next."""

from __future__ import annotations

from typing import NamedTuple

from bridge.card.safety.tries import Hint, Tries
from tray.pin_window.form import Blocker
from tray.pin_window.question import Characters, Notice, PinRule


class Texts(NamedTuple):
    title_pin: str
    title_confirm: str
    origin: str
    action: str
    action_quoted: str
    holder: str
    holder_of: str
    holder_absent: str
    confirmation: str
    confirmation_hint: str
    content: str
    content_access: str
    documents: str
    documents_size: str
    size: str
    note: str
    unseen: str
    """Of a document, a hash alone was handed over."""
    raw: str
    """A bare signature value."""
    certificate: str
    issuer: str
    serial: str
    expiry: str
    card: str
    reader: str
    lead_pin: str
    lead_pad: str
    about_pin: str
    """What a PIN is and where it came from."""
    lead_confirm: str
    pad_waiting: str
    pin: str
    person: str
    person_note: str
    word: str
    word_access: str
    tries: str
    tries_count: str
    tries_of: str
    tries_named: dict[Hint, str]
    failures: str
    insist: str
    insist_note: str
    insist_access: str
    last_try: str
    few_tries: str
    perhaps_last: str
    warning: str
    unlock: str
    rule: str
    characters: dict[Characters, str]
    blocked: dict[Blocker, str]
    ready: str
    ready_to_sign: str
    to_half_width: str
    to_upper_case: str
    caps_lock: str
    notices: dict[Notice, str]
    limit: str
    """How long the window stays, in minutes."""
    remaining: str
    extend: str
    ok: str
    cancel: str


JA = Texts(
    title_pin="PIN番号入力ダイアログ",
    title_confirm="署名の確認",
    origin="要求元サイト",
    action="操作",
    action_quoted="「{}」",
    holder="名義人",
    holder_of="{holder}（{organization}）",
    holder_absent="（証明書に記載なし）",
    confirmation="確認番号",
    confirmation_hint="画面の番号と同じか、お確かめください",
    content="署名する内容",
    content_access="署名する内容と証明書（読み取り専用）",
    documents="署名する文書（{} 件）",
    documents_size="署名する文書（{} 件、合計 {}）",
    size="大きさ",
    note="ご注意",
    unseen="内容は渡されていません。サイトが知らせたハッシュ値だけに署名します。",
    raw="形式のない署名（raw）です。何に使われるかは、この画面では確かめられません。",
    certificate="証明書",
    issuer="発行者",
    serial="シリアル番号",
    expiry="有効期限",
    card="ICカード",
    reader="カードリーダー",
    lead_pin="PIN番号を入力してください。",
    lead_pad="OK を押してから、カードリーダーのキーでPIN番号を入力してください。",
    about_pin="PIN番号とは、ICカード購入時に認証局から送られてきた暗証番号のことです。",
    lead_confirm="内容をご確認のうえ、よろしければ OK を押してください。",
    pad_waiting="カードリーダーのキーでPIN番号を入力してください。",
    pin="PIN番号",
    person="担当者",
    person_note="入力不要",
    word="「{}」と入力",
    word_access="確認のため「{}」と入力してください",
    tries="残り回数：{}",
    tries_count="残り {count} 回",
    tries_of="残り {count} 回（最大 {max} 回）",
    tries_named={
        Hint.MANY: "余裕あり（正確な回数は不明）",
        Hint.LOW: "残りわずか（正確な回数は不明）",
        Hint.LAST: "最後の 1 回",
        Hint.LOCKED: "ロック中",
        Hint.UNKNOWN: "不明",
    },
    failures="このPCで続けて間違えた回数: {} 回",
    insist="送るには「{}」と入力",
    insist_note="それでも同じPIN番号を送る場合だけ、入力してください。違っていれば、残り回数が 1 回減ります。",
    insist_access="同じPIN番号をもう一度送る場合だけ「{}」と入力してください",
    last_try="次に間違えると、ICカードがロックされます。",
    few_tries="あと {count} 回間違えると、ICカードがロックされます。",
    perhaps_last="残り回数を確認できないカードです。次に間違えると、ロックされるおそれがあります。",
    warning="PIN番号を複数回間違えると、ICカードがロックされ、使用できなくなります。ロックの解除は認証局への依頼が必要で、数日かかる場合があります。",
    unlock="解除の方法: {}",
    rule="{characters} {min}～{max} 文字",
    characters={
        Characters.DIGITS: "数字",
        Characters.UPPER: "数字と英大文字",
        Characters.ALPHANUMERIC: "英数字",
        Characters.ANY: "英数字・記号",
    },
    blocked={
        Blocker.WAIT: "まもなく入力できます…",
        Blocker.INTERRUPTED: "ほかの画面に切り替わったため、PIN番号を消しました。最初から入力してください。",
        Blocker.PIN_EMPTY: "{rule}で入力してください。",
        Blocker.PIN_FULL_WIDTH: "全角の文字が入っています。半角に直してください。",
        Blocker.PIN_LOWER_CASE: "英字は大文字です。大文字に直してください。",
        Blocker.PIN_CHARACTERS: "使えない文字が入っています。{rule}で入力してください。",
        Blocker.PIN_SHORT: "{rule}です。続きを入力してください。",
        Blocker.PIN_LONG: "長すぎます。{rule}で入力してください。",
        Blocker.WORD: "続けるには「{word}」と入力してください。",
        Blocker.INSISTENCE: "「{insistence}」と入力するか、その欄を空欄にしてください。",
        Blocker.CHOICE: "証明書を選んでから、OK を押してください。",
        Blocker.PERSON_IS_PIN: "担当者欄にPIN番号らしい文字があります。消してください（空欄のままで構いません）。",
    },
    ready="よろしければ OK を押してください。",
    ready_to_sign="OK を押すと、上の内容に署名します。",
    to_half_width="半角に直す(&H)",
    to_upper_case="大文字に直す(&U)",
    caps_lock="Caps Lock がオンです",
    notices={
        Notice.PIN_WRONG: "PIN番号が違います。残り回数をご確認のうえ、もう一度入力してください。",
        Notice.SAME_PIN: "前回と同じPIN番号のため、カードに送っていません。残り回数は減っていません。",
        Notice.TRIES_CHANGED: "残り回数が変わりました。ご確認のうえ、もう一度入力してください。",
        Notice.PIN_FORMAT: "PIN番号の形が違うため、カードに送っていません。残り回数は減っていません。",
    },
    limit="{} 分たつと閉じます",
    remaining="あと {}:{:02d} で閉じます",
    extend="時間を延ばす(&E)",
    ok="OK",
    cancel="キャンセル",
)

EN = Texts(
    title_pin="Enter PIN",
    title_confirm="Confirm signature",
    origin="Requested by",
    action="Action",
    action_quoted="“{}”",
    holder="Holder",
    holder_of="{holder} ({organization})",
    holder_absent="(not named in the certificate)",
    confirmation="Check number",
    confirmation_hint="Compare it with the number on the page",
    content="What will be signed",
    content_access="What will be signed, and the certificate (read-only)",
    documents="Documents to be signed ({})",
    documents_size="Documents to be signed ({}, {} in all)",
    size="Size",
    note="Note",
    unseen="There is no content here: what is signed is a hash that the site gave.",
    raw="A bare signature (raw): what it is used for cannot be seen here.",
    certificate="Certificate",
    issuer="Issuer",
    serial="Serial number",
    expiry="Valid until",
    card="Card",
    reader="Card reader",
    lead_pin="Please enter your PIN.",
    lead_pad="Press OK, then type the PIN on the keys of the card reader.",
    about_pin="The PIN is your card's secret number. Your certification authority sent it to you with the card.",
    lead_confirm="Please check what will be signed. If you agree, press OK.",
    pad_waiting="Please type the PIN on the keys of the card reader.",
    pin="PIN",
    person="Person in charge",
    person_note="not needed",
    word="Type “{}”",
    word_access="To go on, type “{}”",
    tries="Tries left: {}",
    tries_count="{count} tries left",
    tries_of="{count} of {max} tries left",
    tries_named={
        Hint.MANY: "enough (exact number unknown)",
        Hint.LOW: "few (exact number unknown)",
        Hint.LAST: "the last one",
        Hint.LOCKED: "locked",
        Hint.UNKNOWN: "unknown",
    },
    failures="Wrong in a row on this PC: {}",
    insist="To send it, type “{}”",
    insist_note="Only if you want the same PIN sent all the same. If the card refuses it, one more try is used.",
    insist_access="Only to send the same PIN again, type “{}”",
    last_try="One more wrong PIN locks the card.",
    few_tries="{count} more wrong PINs lock the card.",
    perhaps_last="This card does not tell how many tries are left. One more wrong PIN may lock it.",
    warning="Several wrong PINs in a row lock the card, and it can no longer be used. Unlocking it usually takes your"
    " certification authority, and may take days.",
    unlock="How to unlock: {}",
    rule="{min} to {max} {characters}",
    characters={
        Characters.DIGITS: "digits",
        Characters.UPPER: "digits and capital letters",
        Characters.ALPHANUMERIC: "letters and digits",
        Characters.ANY: "letters, digits and signs",
    },
    blocked={
        Blocker.WAIT: "Ready in a moment…",
        Blocker.INTERRUPTED: "You switched to another window, so the PIN was cleared. Please type it again.",
        Blocker.PIN_EMPTY: "It has {rule}.",
        Blocker.PIN_FULL_WIDTH: "There are full-width characters. Please change them to half width.",
        Blocker.PIN_LOWER_CASE: "Letters must be capitals. Please change them.",
        Blocker.PIN_CHARACTERS: "There is a character that cannot be part of it. Use {rule}.",
        Blocker.PIN_SHORT: "It has {rule}. Please go on.",
        Blocker.PIN_LONG: "That is too long. It has {rule}.",
        Blocker.WORD: "To go on, type “{word}”.",
        Blocker.INSISTENCE: "Type “{insistence}”, or leave that field empty.",
        Blocker.CHOICE: "Choose a certificate, then press OK.",
        Blocker.PERSON_IS_PIN: "“Person in charge” looks like a PIN. Please clear it; it can stay empty.",
    },
    ready="If you agree, press OK.",
    ready_to_sign="OK signs what is shown above.",
    to_half_width="Change to &half width",
    to_upper_case="Change to c&apitals",
    caps_lock="Caps Lock is on",
    notices={
        Notice.PIN_WRONG: "Wrong PIN. Please look at the tries left and type it again.",
        Notice.SAME_PIN: "This is the same PIN as before: not sent to the card, no try was used.",
        Notice.TRIES_CHANGED: "The number of tries left has changed. Please look at it and type the PIN again.",
        Notice.PIN_FORMAT: "A PIN cannot look like this: not sent to the card, no try was used.",
    },
    limit="Closes after {} minutes",
    remaining="Closes in {}:{:02d}",
    extend="&Extend",
    ok="OK",
    cancel="Cancel",
)


def load(language: str) -> Texts:
    """Texts for ja or en."""
    return EN if language == "en" else JA


def tries_left(texts: Texts, tries: Tries) -> str:
    """Tries left as exactly as they are known."""
    if tries.count is None:
        return texts.tries.format(texts.tries_named[tries.hint])
    form = texts.tries_count if tries.max is None else texts.tries_of
    return form.format(count=tries.count, max=tries.max)


def alarm(texts: Texts, tries: Tries, *, confirmed: bool) -> str | None:
    """What is said first where a lock is near; `confirmed`: OK needs a typed word."""
    if tries.hint is Hint.LAST:
        return texts.last_try
    if not confirmed:
        return None
    return texts.perhaps_last if tries.count is None else texts.few_tries.format(count=tries.count)


def rule(texts: Texts, pin: PinRule) -> str:
    """The form of a PIN in words."""
    return texts.rule.format(characters=texts.characters[pin.characters], min=pin.min, max=pin.max)
