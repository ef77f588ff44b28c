"""What happened at the readers between two looks: the events that pages get (docs/protocol.md, Events). Pure."""

from __future__ import annotations

from typing import Any

from bridge.readers.state import ReaderState

Event = dict[str, Any]


def between(before: tuple[ReaderState, ...], after: tuple[ReaderState, ...]) -> list[Event]:
    old, new = {state.name: state for state in before}, {state.name: state for state in after}
    events: list[Event] = []
    for name in old.keys() - new.keys():
        if old[name].card_present:
            events.append({"event": "cardRemoved", "reader": name})
        events.append({"event": "readerRemoved", "reader": name})
    for name, state in new.items():
        if name not in old:
            events.append({"event": "readerAdded", "reader": name})
        events += _card_events(old.get(name), state)
    return events


def _card_events(old: ReaderState | None, new: ReaderState) -> list[Event]:
    was = old is not None and old.card_present
    swapped = was and new.card_present and old is not None and (old.events, old.atr) != (new.events, new.atr)
    events: list[Event] = []
    if was and (swapped or not new.card_present):
        events.append({"event": "cardRemoved", "reader": new.name})
    if new.card_present and (swapped or not was):
        events.append({"event": "cardInserted", "reader": new.name})
    return events
