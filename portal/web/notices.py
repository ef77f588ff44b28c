"""What people read when something is refused: the core's texts, and those that only exist over HTTP (notices.toml)."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from functools import cache
from importlib import resources
from typing import NamedTuple

from portal import texts
from portal.signatures.certificate import TOKYO
from portal.texts import Text
from portal.web import dates


class Way(NamedTuple):
    """Where a refusal leads: the address and the words of its link."""

    href: str
    label: str


MENU = Way("/registration/menu", "利用者登録メニューへ進む")
_SEARCH = Way("/registration/search", "資格審査情報検索へ進む")
_FORM = Way("/registration/form?check=1", "入力画面へ戻る")
_CONFIRM = Way("/registration/confirm", "登録内容確認へ戻る")
_REGISTERED = Way("/inquiry", "登録済みの内容を見る")
_CHANGE = Way("/change", "登録内容を変更する")
_REGISTER = Way("/registration/search", "利用者登録（登録）へ進む")
_CHECK = Way("/registration", "パソコンの動作確認だけを行う")
_VERIFICATION = Way("/verification", "検証機能へ戻る")
_DIVISIONS = Way("/divisions", "区分の選択へ進む")
_RENEWAL = Way("/renewal", "ICカード更新の説明へ進む")
_EXCHANGE = Way("/renewal/exchange", "ICカードの差し替えへ進む")
ENTRANCE = Way("/", "入口へ戻る")

CLOSED = ("closed", "closed_indefinitely")
"""The codes of a portal that is not open."""

_RENEWAL_WAYS: dict[str, tuple[Way, ...]] = {
    "new_card_same": (),
    "new_card_registered": (),
    "new_card_other_company": (MENU,),
    "new_card_other_holder": (MENU,),
    "new_card_not_named": (_RENEWAL,),
    "new_card_required": (_EXCHANGE,),
    "new_card_changed": (_EXCHANGE,),
    "handover_required": (_RENEWAL, MENU),
    "handover_expired": (_RENEWAL, MENU),
    "handover_elsewhere": (MENU,),
    "handover_changed": (_EXCHANGE,),
    "renewal_changed": (_RENEWAL, MENU),
    "renewal_waiting": (MENU,),
    "old_card_expired": (MENU,),
    "not_renewed": (MENU,),
}
_WAYS = _RENEWAL_WAYS | {
    "division_required": (_DIVISIONS,),
    "registration_refused": (_REGISTER, _REGISTERED, MENU),
    "login_required": (MENU,),
    "session_ended": (MENU,),
    "page_stale": (MENU,),
    "login_renewed": (MENU,),
    "search_required": (_SEARCH,),
    "search_limited": (_SEARCH,),
    "contractor_unknown": (_SEARCH,),
    "holder_refused": (_SEARCH, MENU),
    "form_incomplete": (_FORM,),
    "content_changed": (_CONFIRM,),
    "payload_mismatch": (_CONFIRM,),
    "already_registered": (_REGISTERED, _CHANGE, MENU),
    "not_registered": (_REGISTER, MENU),
    "not_found": (ENTRANCE,),
    "rate_limited": (_VERIFICATION,),
    "verification_busy": (_VERIFICATION,),
    "upload_slow": (_VERIFICATION,),
    **dict.fromkeys(CLOSED, (ENTRANCE, _CHECK)),
}
_CHANGE_PATHS = ("/change", "/api/change/")
_CHANGE_FORM = Way("/change?check=1", "変更の画面へ戻る")
_CHANGE_WAYS = {
    "form_incomplete": (_CHANGE_FORM,),
    "changed_meanwhile": (Way("/change", "変更の画面へ戻る"),),
    "nothing_changed": (Way("/change", "変更の画面へ戻る"), MENU),
    "content_changed": (Way("/change/confirm", "変更内容確認へ戻る"),),
    "payload_mismatch": (Way("/change/confirm", "変更内容確認へ戻る"),),
}
_OFFICERS = Way("/officers", "検索へ戻る")
_OFFICER_LOGIN = Way("/officers/login", "担当者のログインへ進む")
_OFFICER_LOGINS = frozenset({"officer_login_required", "officer_session_ended", "officer_unknown"})
_OF_REGISTRATION = re.compile(r"/officers/registrations/(R-[0-9]{1,12})(?:/.*)?", re.ASCII)
_STATUSES = dict.fromkeys(_RENEWAL_WAYS, 409) | {
    "officer_unknown": 403,
    "card_stopped": 409,
    "registration_refused": 409,
    "registration_moved": 409,
    "card_unchecked": 409,
    "mail_unknown": 404,
    "emergency_stop": 503,
    "decision_unknown": 404,
    "officer_login_required": 403,
    "officer_session_ended": 403,
    "officer_page_stale": 403,
    "reception_unknown": 404,
    "statement_unknown": 404,
    "division_required": 409,
    "login_required": 403,
    "session_ended": 403,
    "page_stale": 403,
    "login_renewed": 403,
    "origin_refused": 403,
    "not_found": 404,
    "not_registered": 404,
    "method_refused": 405,
    "search_required": 409,
    "contractor_unknown": 409,
    "content_changed": 409,
    "already_registered": 409,
    "card_replaced": 409,
    "changed_meanwhile": 409,
    "nothing_changed": 422,
    "holder_refused": 403,
    "nonce_unknown": 409,
    "nonce_spent": 409,
    "nonce_expired": 409,
    "nonce_attempts": 409,
    "payload_mismatch": 409,
    "certificate_mismatch": 409,
    "search_limited": 429,
    "too_large": 413,
    "cms_size": 413,
    "form_incomplete": 422,
    "rate_limited": 429,
    "internal": 500,
    "store_unavailable": 503,
    "revocation_unavailable": 503,
    "verification_timeout": 503,
    **dict.fromkeys(CLOSED, 503),
    "verification_busy": 503,
}


def notice(code: str, language: str = "ja", when: datetime | None = None) -> Text:
    """Title, detail and help of a code, in Japanese unless the language is `en`; `when` is what it calls {when}.

    Raises KeyError without a text.
    """
    own = _own().get(code)
    text = own["en" if language == "en" else "ja"] if own is not None else texts.text(code, language)
    if when is None:
        return text
    told = dates.moment(when) if language != "en" else f"{when.astimezone(TOKYO):%Y-%m-%d %H:%M} (Japan time)"
    return Text(*(part.replace("{when}", told) for part in text))


def codes() -> frozenset[str]:
    """Every code that a request can be refused with."""
    return texts.codes() | frozenset(_own())


def status(code: str) -> int:
    """The HTTP status of a code: 400 where nothing else fits."""
    return _STATUSES.get(code, 400)


def ways(code: str, path: str) -> tuple[Way, ...]:
    """Where to go on after this refusal of a request, the likeliest first; none: stay on the page."""
    if path.startswith("/officers"):
        return (_login_for(path),) if code in _OFFICER_LOGINS else (_OFFICERS,)
    own = _CHANGE_WAYS if path.startswith(_CHANGE_PATHS) else {}
    return own.get(code) or _WAYS.get(code, ())


def _login_for(path: str) -> Way:
    """The officers' login; from a registration's pages the one that leads back to it."""
    found = _OF_REGISTRATION.fullmatch(path)
    return _OFFICER_LOGIN if found is None else _OFFICER_LOGIN._replace(href=f"/officers/login?to={found[1]}")


@cache
def _own() -> dict[str, dict[str, Text]]:
    source = resources.files("portal.web").joinpath("notices.toml").read_text(encoding="utf-8")
    return {
        code: {language: Text(**entry) for language, entry in languages.items()}
        for code, languages in tomllib.loads(source).items()
    }
