"""Every screen against the table (`tests/procedure/table.py`): complete both ways, in order, changes with reasons."""

from __future__ import annotations

import asyncio

import pytest

from tests.flow.procedure_walk import walk
from tests.procedure.reading import Reading, read
from tests.procedure.table import EVERYWHERE, SCREENS, WINDOW, Change, Screen

PAGES = [screen for name, screen in SCREENS.items() if name != WINDOW]
each_screen = pytest.mark.parametrize("screen", PAGES, ids=[screen.name for screen in PAGES])


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    """All screens, by name."""
    pages = asyncio.run(walk(tmp_path_factory.mktemp("walk")))
    assert {name: page.status for name, page in pages.items()} == dict.fromkeys(pages, 200)
    return {name: read(page.html) for name, page in pages.items()}


def test_the_table_has_every_screen_of_the_way(shown: dict[str, Reading]) -> None:
    assert set(shown) == {screen.name for screen in PAGES}


@each_screen
def test_headings_and_labels_are_the_tables_in_order(shown: dict[str, Reading], screen: Screen) -> None:
    assert [(each.heading, each.labels) for each in shown[screen.name].parts] == [
        (each.heading, each.labels) for each in screen.parts
    ]


@each_screen
def test_buttons_and_links_are_the_tables_in_order(shown: dict[str, Reading], screen: Screen) -> None:
    assert (shown[screen.name].buttons, shown[screen.name].links) == (screen.buttons, screen.links)


@each_screen
def test_fields_and_the_words_beside_them_are_the_tables_in_order(shown: dict[str, Reading], screen: Screen) -> None:
    expected = [(each.name, each.hint) for each in screen.fields]
    assert [field for field in shown[screen.name].fields if field[1]] == expected


@each_screen
def test_the_notes_stand_in_order(shown: dict[str, Reading], screen: Screen) -> None:
    text, place = shown[screen.name].text, 0
    for said in filter(None, screen.said):
        assert said in text[place:], f"not there, or not after what stands before it in the table: {said}"
        place = text.index(said, place) + len(said)


@each_screen
def test_what_is_changed_is_changed_still(shown: dict[str, Reading], screen: Screen) -> None:
    text = shown[screen.name].text
    assert [each.procedure for each in screen.changes if each.procedure in text] == []
    assert all(each.reason for each in screen.changes)
    assert all(screen.reasons)


@pytest.mark.parametrize("change", EVERYWHERE, ids=[each.procedure for each in EVERYWHERE])
def test_what_is_changed_everywhere_stands_nowhere(shown: dict[str, Reading], change: Change) -> None:
    assert [name for name, page in shown.items() if change.procedure in page.text] == []
    assert [name for name, page in shown.items() if change.page in page.text]
