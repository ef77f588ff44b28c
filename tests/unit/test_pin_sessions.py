"""When the certificate that a PIN session was opened with need not be looked for again."""

from __future__ import annotations

import pytest

from bridge.card.cards import Found
from bridge.card.safety.login import Login
from bridge.card.safety.sessions import PinSessions
from tests.unit.test_cards import NOW, A, B, Shown, cards

ORIGIN, OTHER = "https://portal.example", "https://other.example"


class KeptLogin(Login):
    """A login whose card can be taken away."""

    def __init__(self, found: Found) -> None:
        self.token, self.card, self.there = found.token, found.card, True

    @property
    def logged_in(self) -> bool:
        return self.there

    def end(self) -> None:
        self.there = False


class Desk:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.sessions = PinSessions(600, lambda: self.seconds, lambda kept, reason: None)
        self.cards = cards(Shown("r", "piv", A, B))
        self.signer, self.another = self.cards.present().found
        self.login = KeptLogin(self.signer)
        self.handle = self.sessions.keep(ORIGIN, self.login, self.signer).handle

    def found(self, certificate: Found | None = None, origin: str = ORIGIN) -> Found | None:
        kept = self.sessions.opened_with((certificate or self.signer).info.id, self.handle, origin)
        return kept.signer if kept else None


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_living_sessions_own_certificate_is_at_hand(desk: Desk) -> None:
    assert desk.found() == desk.signer


def test_another_certificate_of_the_same_card_is_looked_for(desk: Desk) -> None:
    assert desk.found(desk.another) is None


def test_another_origin_finds_nothing(desk: Desk) -> None:
    assert desk.found(origin=OTHER) is None


def test_an_expired_session_has_nothing_at_hand(desk: Desk) -> None:
    desk.seconds = 600.0
    assert desk.found() is None


def test_a_card_that_is_away_is_looked_for(desk: Desk) -> None:
    desk.login.there = False
    assert desk.found() is None


def test_a_certificate_at_hand_is_described_as_it_stands_now(desk: Desk) -> None:
    late = cards(Shown("r", "piv", A))
    assert desk.signer.info.state == "valid"
    late._now = lambda: NOW.replace(year=2040)
    assert late.again(desk.signer).info.state == "expired"
