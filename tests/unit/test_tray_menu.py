from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PIL import ImageChops

from tray.menu import Actions, Signature, State, Status, items, sentence
from tray.picture import draw


def nothing() -> None:
    """An action."""


def take_back(origin: str) -> None:
    """An action about an origin."""


ACTIONS = Actions(nothing, nothing, take_back, nothing)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("state", State)
def test_forgetting_is_offered_exactly_while_a_session_is_open(language: str, state: State) -> None:
    shown = [item for item in items(Status(state, "x"), ACTIONS, language) if item is not None]
    assert [item.action is not None for item in shown] == [False, True, False, state is State.UNLOCKED, False, True]
    assert [item.default for item in shown] == [False, True, False, False, False, False]
    assert shown[0].text == sentence(Status(state, "x"), language)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_site_that_the_person_allowed_can_be_revoked(language: str) -> None:
    revoked: list[str] = []
    sites = ("https://a.example", "https://b.example")
    status = Status(State.READY, granted=sites)
    menu = items(status, ACTIONS._replace(revoke=revoked.append), language)
    [inside] = [item.inside for item in menu if item is not None and item.inside]
    for item in inside:
        assert item.action is not None
        item.action()
    assert tuple(revoked) == sites
    assert all(site in item.text for site, item in zip(sites, inside, strict=True))


SIGNED = (
    Signature(datetime(2026, 11, 30, 16, 51, tzinfo=UTC), "https://portal.example", "利用者登録（登録）"),
    Signature(datetime(2026, 11, 3, 9, 5, tzinfo=UTC), "http://localhost:8000", "あ" * 100),
)


def test_the_last_signatures_are_lines_to_read() -> None:
    menu = items(Status(State.READY, signed=SIGNED), ACTIONS, "ja")
    (inside,) = [item.inside for item in menu if item is not None and item.inside]
    assert [item.action for item in inside] == [None, None]
    assert inside[0].text == "11/30 16:51　利用者登録（登録）　portal.example"
    assert inside[1].text == f"11/03 09:05　{'あ' * 29}…　http://localhost:8000"


def test_where_nothing_was_signed_the_menu_says_so() -> None:
    for language, text in (("ja", "最近の署名（なし）"), ("en", "Recent signatures (none)")):
        menu = items(Status(State.READY), ACTIONS, language)
        assert text in [item.text for item in menu if item is not None]


def test_sentences() -> None:
    assert sentence(Status(State.UNLOCKED, "https://a.example"), "ja") == "PIN認証中（https://a.example）"
    assert sentence(Status(State.NO_CARD), "en") == "Please insert your card"


@pytest.mark.parametrize("size", [16, 24, 32, 64])
def test_states_differ_in_shape_not_only_in_colour(size: int) -> None:
    pictures = [draw(state, size).convert("L") for state in State]
    for number, one in enumerate(pictures):
        assert one.size == (size, size)
        for other in pictures[number + 1 :]:
            differing = sum(ImageChops.difference(one, other).histogram()[24:])
            assert differing >= size * size * 0.04
