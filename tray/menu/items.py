"""The menu from top to bottom, and the status in one line (pure; no toolkit)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from bridge.version import VERSION
from tray.menu import card, texts
from tray.menu.status import Language, Signature, State, Status, Unlocked
from tray.menu.texts import Texts

_ACTION_SHOWN = 30
"""Characters of a page's words that a line of the menu has room for."""


class Actions(NamedTuple):
    """What the menu sets off. Called where `hand_over` puts them, never in the icon's own thread."""

    open_status: Callable[[], None]
    forget_pin_session: Callable[[], None]
    revoke: Callable[[str], None]
    """Take an origin's grant back."""
    quit: Callable[[], None]
    read_card: Callable[[], None]
    speak: Callable[[Language], None]
    tell_cards: Callable[[bool], None]
    set_up: Callable[[], None]
    """Open the window of the first run."""
    open_log: Callable[[], None]
    open_licence: Callable[[], None]


class Item(NamedTuple):
    text: str
    action: Callable[[], None] | None
    """None: there is nothing to choose."""
    default: bool = False
    """What a click on the icon itself does."""
    inside: tuple[Item | None, ...] = ()
    """What a menu of its own offers."""
    checked: bool | None = None
    """None: it cannot be."""
    radio: bool = False
    """One of several of which one is checked."""
    line: bool = False
    """To be read, not greyed: keys and screen readers reach it, and choosing it does nothing."""


def _line(text: str) -> Item:
    return Item(text, None, line=True)


def name(language: str) -> str:
    return texts.load(language).name


def title(status: Status) -> str:
    """What is shown beside the icon."""
    return f"{name(status.language)} – {sentence(status)}"


def sentence(status: Status) -> str:
    """The status in one line."""
    words = texts.load(status.language)
    state = words.states[status.state]
    match status:
        case Status(state=State.ATTENTION, trouble=trouble) if trouble is not None:
            return words.troubles[trouble]
        case Status(state=State.NEARLY_LOCKED, tries=int(tries)):
            return words.detail.format(state, words.tries.format(tries))
        case Status(state=State.UNLOCKED, unlocked=(first, *_)):
            return _unlocked(first, words)
    return state


def items(status: Status, actions: Actions) -> list[Item | None]:
    """The menu from top to bottom; None is a separator."""
    words = texts.load(status.language)
    return [
        *_head(status, words),
        None,
        Item(words.open_status, actions.open_status, default=True),
        _card(status, actions, words),
        _signatures(status.signed, words),
        Item(words.forget, actions.forget_pin_session if status.unlocked else None),
        _sites(status.granted, actions, words),
        None,
        _language(status, actions, words),
        _notices(status, actions, words),
        Item(words.set_up, actions.set_up),
        Item(words.log_folder, actions.open_log),
        _about(actions, words),
        None,
        Item(words.quit, actions.quit),
    ]


def _head(status: Status, words: Texts) -> Iterator[Item]:
    """The status, what to do about it, and every PIN session that it does not name."""
    yield _line(sentence(status))
    advice = words.advice.get(status.trouble or status.state)
    if advice is not None:
        yield _line(advice)
    for each in status.unlocked[1:] if status.state is State.UNLOCKED else status.unlocked:
        yield _line(_unlocked(each, words))


def _unlocked(each: Unlocked, words: Texts) -> str:
    who = each.origin
    if each.until is not None:
        who = words.unlocked.format(origin=each.origin, time=each.until.strftime(words.clock))
    return words.detail.format(words.states[State.UNLOCKED], who)


def _card(status: Status, actions: Actions, words: Texts) -> Item:
    title = card.title(status, words.card)
    if not status.present:
        return Item(title, None)
    lines = [None if line is None else _line(line) for line in card.lines(status, words.card)]
    return Item(title, None, inside=(*lines, None, Item(card.reading(status, words.card), actions.read_card)))


def _signatures(signed: tuple[Signature, ...], words: Texts) -> Item:
    """Lines to read: what was signed stands in the record, `card-bridge audit list`."""
    inside = tuple(_line(_signature(each, words)) for each in signed)
    return Item(words.signatures if inside else words.no_signatures, None, inside=inside)


def _signature(each: Signature, words: Texts) -> str:
    site = each.origin.removeprefix("https://")
    action = each.action if len(each.action) <= _ACTION_SHOWN else each.action[: _ACTION_SHOWN - 1] + "…"
    return words.signature.format(day=each.at.strftime(words.day), action=action, site=site)


def _sites(granted: tuple[str, ...], actions: Actions, words: Texts) -> Item:
    """Chosen is revoked: there is nothing to lose, the site may ask again."""
    inside = tuple(Item(words.revoke.format(origin), partial(actions.revoke, origin)) for origin in granted)
    return Item(words.sites if inside else words.no_sites, None, inside=inside)


def _language(status: Status, actions: Actions, words: Texts) -> Item:
    fixed, chosen = status.speaks.fixed, status.speaks.value
    inside = [
        Item(text, None if fixed else partial(actions.speak, each), checked=each == chosen, radio=True)
        for each, text in words.languages.items()
    ]
    return Item(words.language, None, inside=(*inside, *([None, _line(words.fixed)] if fixed else [])))


def _notices(status: Status, actions: Actions, words: Texts) -> Item:
    wanted, fixed = bool(status.tells_cards.value), status.tells_cards.fixed
    text = words.detail.format(words.tell_cards, words.fixed) if fixed else words.tell_cards
    return Item(text, None if fixed else partial(actions.tell_cards, not wanted), checked=wanted)


def _about(actions: Actions, words: Texts) -> Item:
    lines = (f"{words.name} {words.version.format(VERSION)}", words.licence)
    inside = (*map(_line, lines), None, Item(words.website, actions.open_licence))
    return Item(words.about, None, inside=inside)
