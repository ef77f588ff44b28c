"""What is known of the cards in the readers, without asking any."""

from __future__ import annotations

from typing import Any

from bridge.readers.known import KnownCards

CERTIFICATE = {
    "id": "ab" * 32,
    "holder": {"name": "北東 次郎"},
    "issuer": "OU=CoreCA,C=JP",
    "serial": "121",
    "expiry": "2032/11/20",
    "purpose": "sign",
}


def tries(count: int | None, hint: str = "many") -> dict[str, Any]:
    return {"hint": hint, "count": count, "max": 3, "source": "card"}


def token(reader: str, profile: str, *certificates: dict[str, Any]) -> dict[str, Any]:
    facts = {"reader": reader, "profile": profile, "label": f"{reader}'s", "pinPad": False}
    return {**facts, "tries": tries(3), "nearlyLocked": False, "certificates": list(certificates)}


def test_a_card_with_two_pins_is_known_by_both() -> None:
    learned: list[bool] = []
    known = KnownCards()
    known.on_learn = lambda: learned.append(True)
    hidden = {"card": "c", "profile": "jpki-sign", "locked": True}
    known.learn([token("r", "jpki-auth", CERTIFICATE), token("r", "jpki-sign", hidden)])
    known.tries("r", "jpki-auth", {"tries": tries(1, "last"), "nearlyLocked": True})
    auth, sign = known.all()
    assert (auth.left, auth.nearly_locked, auth.hidden) == (1, True, False)
    assert (auth.certificates[0].holder, auth.certificates[0].organization) == ("北東 次郎", "")
    assert (sign.left, sign.nearly_locked, sign.hidden, sign.certificates) == (3, False, True, ())
    assert known.wire("r")["profile"] == "jpki-sign"
    assert learned == [True]


def test_a_reader_whose_card_went_is_known_no_more_and_nothing_is_told_of_a_strange_card() -> None:
    known = KnownCards()
    known.learn([token("r", "piv", CERTIFICATE), token("s", "piv", CERTIFICATE)])
    known.gone("r")
    known.tries("r", "piv", {"tries": tries(1), "nearlyLocked": True})
    assert [card.reader for card in known.all()] == ["s"]
    assert known.wire("r") == {}


def test_what_is_listed_anew_replaces_what_was_known() -> None:
    known = KnownCards()
    known.learn([token("r", "piv", CERTIFICATE)])
    known.learn([])
    assert known.all() == ()
