from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import ImageChops

from bridge.version import VERSION
from tray.menu import (
    Actions,
    Card,
    Certificate,
    Item,
    Language,
    Signature,
    State,
    Status,
    Switch,
    Trouble,
    Unlocked,
    items,
    sentence,
)
from tray.picture import draw


def nothing(*_: Any) -> None:
    """An action."""


ACTIONS = Actions(*[nothing] * len(Actions._fields))
SITE = "https://a.example"
OPEN = Unlocked(SITE, datetime(2026, 11, 30, 17, 1, tzinfo=UTC))
CERTIFICATE = Certificate("山田 太郎", "北東組株式会社", "CN=認証局,C=JP", "4711", "2027/01/29", 60)
CARD = Card("練習用カード", 3, certificates=(CERTIFICATE,))
SIGNED = (
    Signature(datetime(2026, 11, 30, 16, 51, tzinfo=UTC), "https://portal.example", "利用者登録（登録）"),
    Signature(datetime(2026, 11, 3, 9, 5, tzinfo=UTC), "http://localhost:8000", "あ" * 100),
)


def shown(status: Status, actions: Actions = ACTIONS) -> list[Item]:
    return [item for item in items(status, actions) if item is not None]


def entry(status: Status, text: str, actions: Actions = ACTIONS) -> Item:
    (found,) = [item for item in shown(status, actions) if item.text.startswith(text)]
    return found


def inside(item: Item) -> list[Item]:
    return [each for each in item.inside if each is not None]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("unlocked", [(), (OPEN,)])
def test_forgetting_is_offered_exactly_while_a_session_is_open(
    language: str, state: State, unlocked: tuple[Unlocked, ...]
) -> None:
    status = Status(state, language, unlocked=unlocked)
    forget = entry(status, "PIN認証を今すぐ" if language == "ja" else "End the PIN session")
    assert (forget.action is not None) is bool(unlocked)
    assert [item.default for item in shown(status)].count(True) == 1
    assert shown(status)[0].text == sentence(status)


def test_who_may_sign_without_a_pin_and_until_when_is_told() -> None:
    assert sentence(Status(State.UNLOCKED, unlocked=(OPEN,))) == "PIN認証中（https://a.example、17:01 まで）"
    status = Status(State.UNLOCKED, "en", unlocked=(OPEN, OPEN._replace(origin="https://b.example", until=None)))
    lines = [item.text for item in shown(status)[:2]]
    assert lines == ["PIN session open (https://a.example, until 17:01)", "PIN session open (https://b.example)"]


def test_a_session_is_named_in_every_other_state_too() -> None:
    status = Status(State.NEARLY_LOCKED, "en", tries=1, unlocked=(OPEN,))
    assert "PIN session open (https://a.example, until 17:01)" in [item.text for item in shown(status)]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "status",
    [
        Status(State.NEARLY_LOCKED, tries=1),
        Status(State.NEARLY_LOCKED),
        *(Status(State.ATTENTION, trouble=trouble) for trouble in Trouble),
    ],
)
def test_what_has_gone_wrong_comes_with_what_to_do(status: Status, language: str) -> None:
    said, advice = shown(status._replace(language=language))[:2]
    assert (advice.action, advice.line, said.line) == (None, True, True)
    assert advice.text
    assert advice.text != said.text
    assert ("1" in said.text) is (status.tries == 1)


def test_sentences() -> None:
    assert sentence(Status(State.NEARLY_LOCKED, tries=1)) == "ICカードがもうすぐロックされます（残り 1 回）"
    assert sentence(Status(State.ATTENTION, "en", Trouble.EXPIRED)) == "The certificate has expired"
    assert sentence(Status(State.NO_CARD, "en")) == "Please insert your card"


def test_card_and_certificate_are_lines_to_read() -> None:
    menu = inside(entry(Status(State.READY, present=True, cards=(CARD,)), "カードと証明書"))
    assert [item.text for item in menu] == [
        "カード：練習用カード",
        "PIN番号の残り回数：3 回",
        "名義人：山田 太郎（北東組株式会社）",
        "発行者：CN=認証局,C=JP",
        "シリアル番号：4711",
        "有効期限：2027/01/29（あと 60 日）",
        "もう一度読み取る",
    ]
    assert [item.action is None for item in menu] == [item.line for item in menu] == [True] * 6 + [False]


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (1, "Expires: 2027/01/29 (days left: 1)"),
        (0, "Expires: 2027/01/29 (today is the last day)"),
        (-1, "Expires: 2027/01/29 (expired)"),
    ],
)
def test_how_long_a_certificate_lasts(days: int, text: str) -> None:
    card = CARD._replace(certificates=(CERTIFICATE._replace(days_left=days),))
    menu = inside(entry(Status(State.READY, "en", present=True, cards=(card,)), "Card and"))
    assert text in [item.text for item in menu]


def test_what_a_certificate_says_cannot_upset_the_menu() -> None:
    evil = CERTIFICATE._replace(holder="\u202eabc\n", organization="", issuer="O=" + "x" * 1000)
    menu = inside(entry(Status(State.READY, present=True, cards=(CARD._replace(certificates=(evil,)),)), "カードと"))
    lines = [item.text for item in menu]
    assert "名義人：⟨U+202E⟩abc⟨U+000A⟩" in lines
    assert all(len(line) < 100 for line in lines)


def test_a_card_that_nobody_has_read_is_read_when_it_is_asked_for() -> None:
    read: list[bool] = []
    actions = ACTIONS._replace(read_card=lambda: read.append(True))
    line, button = inside(entry(Status(State.READY, present=True), "カードと証明書", actions))
    assert (line.text, button.text) == ("まだ読み取っていません", "カードを読み取る")
    assert button.action is not None
    button.action()
    assert read == [True]


def test_why_a_card_could_not_be_read_is_told() -> None:
    line, _ = inside(entry(Status(State.READY, "en", present=True, unread="Card unknown"), "Card and"))
    assert line.text == "Could not be read: Card unknown"


def test_without_a_card_there_is_nothing_to_read() -> None:
    item = entry(Status(State.NO_CARD), "カードと証明書")
    assert (item.text, item.inside, item.action) == ("カードと証明書（カードなし）", (), None)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_site_that_the_person_allowed_can_be_revoked(language: str) -> None:
    revoked: list[str] = []
    sites = (SITE, "https://b.example")
    status = Status(State.READY, language, granted=sites)
    text = "許可サイト" if language == "ja" else "Allowed sites"
    menu = inside(entry(status, text, ACTIONS._replace(revoke=revoked.append)))
    for item in menu:
        assert item.action is not None
        item.action()
    assert tuple(revoked) == sites
    assert all(site in item.text for site, item in zip(sites, menu, strict=True))


def test_the_last_signatures_are_lines_to_read() -> None:
    menu = inside(entry(Status(State.READY, signed=SIGNED), "最近の署名"))
    assert [(item.action, item.line) for item in menu] == [(None, True)] * 2
    assert menu[0].text == "11/30 16:51　利用者登録（登録）　portal.example"
    assert menu[1].text == f"11/03 09:05　{'あ' * 29}…　http://localhost:8000"


def test_where_nothing_was_signed_the_menu_says_so() -> None:
    for language, text in (("ja", "最近の署名（なし）"), ("en", "Recent signatures (none)")):
        assert text in [item.text for item in shown(Status(State.READY, language))]


@pytest.mark.parametrize("chosen", Language)
def test_the_language_is_chosen_among_three(chosen: Language) -> None:
    spoken: list[Language] = []
    status = Status(State.READY, speaks=Switch(chosen))
    menu = inside(entry(status, "言語 / Language", ACTIONS._replace(speak=spoken.append)))
    assert [item.text for item in menu] == ["自動（OSの言語）", "日本語", "English"]
    assert [item.checked for item in menu] == [each is chosen for each in Language]
    assert all(item.radio for item in menu)
    for item in menu:
        assert item.action is not None
        item.action()
    assert spoken == list(Language)


def test_what_an_administrator_decided_is_shown_and_cannot_be_chosen() -> None:
    status = Status(State.READY, speaks=Switch(Language.JA, fixed=True), tells_cards=Switch(True, fixed=True))
    menu = inside(entry(status, "言語 / Language"))
    assert [item.checked for item in menu] == [False, True, False, None]
    assert [item.action for item in menu] == [None] * 4
    assert menu[-1].text == "管理者が設定しています"
    notices = entry(status, "カードの抜き差しを通知する")
    assert (notices.action, notices.checked) == (None, True)
    assert "管理者" in notices.text


@pytest.mark.parametrize("wanted", [True, False])
def test_notices_of_cards_are_switched(wanted: bool) -> None:
    switched: list[bool] = []
    status = Status(State.READY, tells_cards=Switch(wanted))
    item = entry(status, "カードの抜き差しを通知する", ACTIONS._replace(tell_cards=switched.append))
    assert item.action is not None
    item.action()
    assert (item.checked, switched) == (wanted, [not wanted])


def test_about_names_the_version_and_the_licence() -> None:
    lines = [item.text for item in inside(entry(Status(State.READY, "en"), "About"))]
    assert lines[0] == f"Card bridge version {VERSION}"
    assert "Apache License 2.0" in lines[1]


@pytest.mark.parametrize("size", [16, 24, 32, 64])
def test_states_differ_in_shape_not_only_in_colour(size: int) -> None:
    pictures = [draw(state, size).convert("L") for state in State]
    for number, one in enumerate(pictures):
        assert one.size == (size, size)
        for other in pictures[number + 1 :]:
            differing = sum(ImageChops.difference(one, other).histogram()[24:])
            assert differing >= size * size * 0.04
