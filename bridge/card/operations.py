"""What the card host does for the daemon: list certificates, open and close PIN sessions, sign.

Everything here runs on the host's one card thread. The card is asked before the person; every signature has its own
window, made from the very bytes that will be signed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from bridge.card.asking import choosing, questions
from bridge.card.asking.answer import Answer
from bridge.card.asking.window import Window
from bridge.card.cards import Cards, Found, Locked, Now, require_fit, require_usable
from bridge.card.documents import DocumentsSigning
from bridge.card.listing import listing, told_tries
from bridge.card.port import Token
from bridge.card.profiles.profile import Profile
from bridge.card.safety.guard import Guard, Prompt
from bridge.card.safety.login import Login
from bridge.card.safety.seat import Seat
from bridge.card.safety.sessions import PinSession, PinSessions
from bridge.card.signing import Between, Prepare, Signing
from bridge.errors import BridgeError, ConsentCancelled, Help, NoCertificate, PinLocked
from bridge.settings import PinSettings

Emit = Callable[[dict[str, Any]], None]
ProfileOf = Callable[[str], Profile]


class Desk(NamedTuple):
    """How the person is asked."""

    window: Window
    language: str
    pin: PinSettings
    silent_origins: frozenset[str]
    """Origins that policy lets sign without a window while a PIN session is open."""
    expired_origins: frozenset[str]
    """Origins for which a card that has expired may still sign."""
    raw_origins: frozenset[str]
    """Origins that policy lets have raw signatures."""
    between: Between
    """Called between two documents of one request; raises what ends it."""
    profile: ProfileOf
    seat: Seat
    """Taken before a PIN is asked for: one window at a time on this computer for this user."""


class Operations:
    def __init__(self, cards: Cards, guard: Guard, sessions: PinSessions, desk: Desk, now: Now, emit: Emit) -> None:
        self._emit = emit
        self._cards = cards
        self._guard = guard
        self._sessions = sessions
        self._desk = desk
        self._now = now

    def certificates(self) -> dict[str, Any]:
        return {"tokens": listing(self._cards, self._guard.nearly_locked)}

    def choose(self, origin: str, purpose: str | None) -> dict[str, Any]:
        """Let the person choose one of several certificates for a purpose; its key, and whether to remember it.

        Raises NoCertificate when there is nothing to choose from any more, ConsentCancelled.
        """
        desk, present = self._desk, self._cards.present()
        named = {each.token.facts.profile: desk.profile(each.token.facts.profile) for each in present.locked}
        found = choosing.options(present, purpose, named, desk.language)
        desk.seat.take()
        asked = choosing.question(found, purpose, origin, desk.language, desk.pin.window_seconds)
        with desk.window.ask(asked) as answer:
            return {"chosen": choosing.chosen(found, answer).key, "remember": answer.remember}

    def open_pin(self, origin: str, certificate: str, action: str) -> dict[str, Any]:
        """The PIN window without anything to sign; keeps the login. Raises what `Guard.login` raises."""
        found = self._usable(origin, certificate)
        login = self._login(found, self._subject(found, origin, action, None, None), None)
        return self._keep(origin, login, found)

    def open_card(self, origin: str, card: str, action: str) -> dict[str, Any]:
        """Likewise for a token that shows its certificate only after the PIN, which the result then holds.

        Raises NoCertificate when the card shows none for all that, and what `Guard.login` raises.
        """
        locked = self._cards.locked(card)
        login = self._login(locked, self._subject(locked, origin, action, None, None), None)
        try:
            certificate = next((found for found in self._cards.present().found if found.card == card), None)
            if certificate is None:
                raise NoCertificate("the card shows no certificate after its PIN")
        except BaseException:
            login.end()
            raise
        return {**self._keep(origin, login, certificate), "certificate": certificate.info.wire(login.reader)}

    def close_pin(self, origin: str, handle: str) -> dict[str, Any]:
        self._sessions.close(handle, origin)
        return {}

    def sign(self, origin: str, certificate: str, prepare: Prepare, handle: str | None, keep: bool) -> dict[str, Any]:
        """Sign what `prepare` makes ready; with `keep` the login stays as a PIN session.

        A key that wants its PIN for each signature is asked for it here too: a PIN session spares it nothing.

        Raises CertificateUnsuitable for an authentication key and anything but a login, PinSessionEnded for a handle
        that lives no more, ConsentCancelled, CardRemoved, CardFailed, what `Guard.login` and what `prepare` raises.
        """
        found, kept = self._chosen(origin, certificate, handle)
        signing = prepare(found, origin, self._now)
        require_fit(found.info, signing.kind)
        if kept is not None and not kept.login.wants_pin(found.der):
            return self._sign_kept(found, signing, kept, keep)
        login = self._login(found, self._to_sign(origin, found, signing), found.der)
        return self._sign_fresh(origin, found, signing, login, keep)

    def documents(self, request: dict[str, Any]) -> Prepare:
        """For `sign`: documents, with the page's words for the action."""
        return partial(DocumentsSigning.of, request, self._desk.raw_origins, self._desk.between)

    def tidy(self) -> dict[str, Any]:
        """A reader changed: sessions whose card is gone end."""
        self._sessions.drop_removed()
        return {}

    def forget(self) -> dict[str, Any]:
        """The person, the lock screen or the end of the daemon: every login ends on the card itself."""
        self._sessions.end_all("forgotten")
        return {}

    def _chosen(self, origin: str, certificate: str, handle: str | None) -> tuple[Found, PinSession | None]:
        if handle is None:
            return self._usable(origin, certificate), None
        kept = self._sessions.opened_with(certificate, handle, origin)
        if kept is not None and kept.signer is not None:
            return self._fit(origin, self._cards.again(kept.signer)), kept
        found = self._usable(origin, certificate)
        return found, self._sessions.use(handle, origin, found.card)

    def _usable(self, origin: str, certificate: str) -> Found:
        return self._fit(origin, self._cards.find(certificate))

    def _fit(self, origin: str, found: Found) -> Found:
        if not (found.info.state == "expired" and origin in self._desk.expired_origins):
            with self._helped(found):
                require_usable(found.info)
        return found

    def _login(self, found: Found | Locked, subject: questions.Subject, signs: bytes | None) -> Login:
        self._desk.seat.take()
        self._sessions.end_on(found.token, "replaced")

        def ask(prompt: Prompt) -> Answer:
            return self._desk.window.ask(questions.ask_pin(subject, prompt))

        def find() -> Token:
            return self._cards.token(found.card)

        try:
            with self._helped(found):
                login = self._guard.login(found.card, find, ask, signs)
        finally:
            self._tell_tries(found)
        if self._desk.window.cancelled:
            login.end()
            raise ConsentCancelled("cancelled while the card was logging in")
        return login

    @contextlib.contextmanager
    def _helped(self, found: Found | Locked) -> Iterator[None]:
        """A locked card goes with what its profile knows of unlocking it, every other failure with whom to ask."""
        try:
            yield
        except BridgeError as error:
            profile = self._desk.profile(found.token.facts.profile)
            if isinstance(error, PinLocked):
                error.help = Help(profile.unlock("ja"), profile.unlock("en"))
            elif profile.contact is not None:
                error.contact = Help(*profile.contact)
            raise

    def _tell_tries(self, found: Found | Locked) -> None:
        try:
            tries = found.token.tries()
        except BridgeError:
            return  # the card is gone or does not answer; the request itself says so
        facts, near = found.token.facts, self._guard.nearly_locked(found.card, tries)
        known = {"reader": facts.reader, "profile": facts.profile, "tries": tries.wire(), "nearlyLocked": near}
        self._emit({"event": "triesChanged", **known})

    def _sign_kept(self, found: Found, signing: Signing, kept: PinSession, keep: bool) -> dict[str, Any]:
        if kept.origin not in self._desk.silent_origins:
            self._desk.window.ask(questions.confirm(self._to_sign(kept.origin, found, signing))).release()
            # The person may have taken minutes: the session may be over by now.
            kept = self._sessions.use(kept.handle, kept.origin, kept.login.card)
        result = self._signed(signing, kept.login)
        return {**result, **(self._expiry(kept) if keep else {})}

    def _to_sign(self, origin: str, found: Found, signing: Signing) -> questions.Subject:
        content = signing.shown(self._desk.language)
        return self._subject(found, origin, signing.action, content, signing.confirmation)

    def _sign_fresh(self, origin: str, found: Found, signing: Signing, login: Login, keep: bool) -> dict[str, Any]:
        try:
            with self._helped(found):
                result = self._signed(signing, login)
            if keep:
                return {**result, **self._keep(origin, login, found)}
        except BaseException:
            login.end()
            raise
        login.end()
        return result

    def _signed(self, signing: Signing, login: Login) -> dict[str, Any]:
        """The PIN that the key may want each time is wiped when all is signed."""
        try:
            return signing.signed(login, self._desk.between)
        finally:
            login.release()

    def _keep(self, origin: str, login: Login, signer: Found) -> dict[str, Any]:
        if self._desk.window.cancelled:
            login.end()
            raise ConsentCancelled("cancelled before it could be kept")
        kept = self._sessions.keep(origin, login, signer)
        return {**self._expiry(kept), "tries": told_tries(login.token).wire()}

    def _expiry(self, kept: PinSession) -> dict[str, Any]:
        return {"pinSession": kept.handle, "expiresIn": self._sessions.seconds_left(kept)}

    def _subject(
        self, found: Found | Locked, origin: str, action: str, content: dict[str, Any] | None, number: str | None
    ) -> questions.Subject:
        desk, facts = self._desk, found.token.facts
        profile = desk.profile(facts.profile)
        return questions.Subject(
            origin=origin,
            action=action,
            language=desk.language,
            certificate=found.info if isinstance(found, Found) else None,
            # A card without a holder's name has at least a name that people know it by.
            card=facts if isinstance(found, Found) else facts._replace(label=profile.label.said(desk.language)),
            content=content,
            confirmation=number,
            characters=profile.pin_characters,
            unlock=profile.unlock(desk.language),
            person=desk.pin.person,
            timeout_seconds=desk.pin.window_seconds,
        )
