"""What the card host does for the daemon: list certificates, open and close PIN sessions, sign statements.

Everything here runs on the host's one card thread. The card is asked before the person; every signature has its own
window, made from the very bytes that will be signed.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from typing import Any, NamedTuple

from bridge.card import cades, questions, statement
from bridge.card.cards import Cards, Found, Now, listing, require_usable
from bridge.card.guard import Guard, Prompt, Unlocked
from bridge.card.ledger import Ledger
from bridge.card.port import CardSession, Token
from bridge.card.profiles import Profile
from bridge.card.proof import require_signature
from bridge.card.sessions import PinSession, PinSessions
from bridge.card.window import Answer, Window
from bridge.errors import BridgeError, CardUnknown, ConsentCancelled
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
    profile: ProfileOf


class Operations:
    def __init__(
        self, cards: Cards, guard: Guard, ledger: Ledger, sessions: PinSessions, desk: Desk, now: Now, emit: Emit
    ) -> None:
        self._emit = emit
        self._cards = cards
        self._guard = guard
        self._ledger = ledger
        self._sessions = sessions
        self._desk = desk
        self._now = now

    def certificates(self) -> dict[str, Any]:
        return {"tokens": listing(self._cards)}

    def open_pin(self, origin: str, certificate: str, action: str) -> dict[str, Any]:
        """The PIN window without anything to sign; keeps the login. Raises what `Guard.login` raises."""
        found = self._usable(certificate)
        unlocked = self._login(found, self._subject(found, origin, action, None, None))
        return self._keep(origin, found, unlocked.session)

    def close_pin(self, origin: str, handle: str) -> dict[str, Any]:
        self._sessions.close(handle, origin)
        return {}

    def sign(
        self, origin: str, certificate: str, request: dict[str, Any], handle: str | None, keep: bool
    ) -> dict[str, Any]:
        """Sign one statement; with `keep` the login stays as a PIN session.

        Raises PinSessionEnded for a handle that lives no more, ConsentCancelled, CardRemoved, CardFailed, and what
        `Guard.login` raises.
        """
        found = self._usable(certificate)
        signing = _Signing.of(found, origin, request, self._now)
        if handle is not None:
            kept = self._sessions.use(handle, origin, certificate)
            self._consent(origin, found, request)
            result = self._close_envelope(signing, kept.session)
            return {**result, **self._expiry(kept)} if keep else result
        content = questions.statement_content(request)
        number = statement.confirmation_number(request)
        unlocked = self._login(found, self._subject(found, origin, request["action"], content, number))
        return self._sign_fresh(origin, found, signing, unlocked.session, keep)

    def tidy(self) -> dict[str, Any]:
        """A reader changed: sessions whose card is gone end."""
        self._sessions.drop_removed()
        return {}

    def forget(self) -> dict[str, Any]:
        """The person, the lock screen or the end of the daemon: every login ends on the card itself."""
        self._sessions.end_all("forgotten")
        return {}

    def reset_left_unlocked(self, reset: Callable[[str], None]) -> None:
        """A killed host leaves its card unlocked for every program: reset what the ledger marks (invariant 18)."""
        for card, reader in self._ledger.unlocked().items():
            # A reader that another program holds stays marked; the next start tries again.
            with contextlib.suppress(BridgeError):
                reset(reader)
                self._ledger.closed(card)

    def _usable(self, certificate: str) -> Found:
        found = self._cards.find(certificate)
        require_usable(found.info)
        return found

    def _login(self, found: Found, subject: questions.Subject) -> Unlocked:
        self._sessions.end(found.info.id, "replaced")

        def ask(prompt: Prompt) -> Answer:
            return self._desk.window.ask(questions.ask_pin(subject, prompt))

        def find() -> Token:
            return self._cards.find(found.info.id).token

        try:
            unlocked = self._guard.login(found.info.id, find, ask)
        finally:
            self._tell_tries(found)
        if self._desk.window.cancelled:
            self._end_login(found, unlocked.session)
            raise ConsentCancelled("cancelled while the card was logging in")
        return unlocked

    def _tell_tries(self, found: Found) -> None:
        try:
            tries = found.token.tries()
        except BridgeError:
            return  # the card is gone or does not answer; the request itself says so
        self._emit({"event": "triesChanged", "reader": found.token.facts.reader, "tries": tries.wire()})

    def _consent(self, origin: str, found: Found, request: dict[str, Any]) -> None:
        if origin in self._desk.silent_origins:
            return
        content, number = questions.statement_content(request), statement.confirmation_number(request)
        subject = self._subject(found, origin, request["action"], content, number)
        self._desk.window.ask(questions.confirm(subject)).pin.wipe()

    def _sign_fresh(
        self, origin: str, found: Found, signing: _Signing, session: CardSession, keep: bool
    ) -> dict[str, Any]:
        try:
            result = self._close_envelope(signing, session)
        except BaseException:
            self._end_login(found, session)
            raise
        if keep:
            return {**result, **self._keep(origin, found, session)}
        self._end_login(found, session)
        return result

    def _close_envelope(self, signing: _Signing, session: CardSession) -> dict[str, Any]:
        signature = session.sign(signing.signer.certificate, signing.attributes)
        require_signature(signing.signer.certificate, signing.attributes, signature)
        cms = cades.envelope(signing.content, statement.CONTENT_TYPE, signing.attributes, signature, signing.signer)
        return {"statement": base64.b64encode(cms).decode()}

    def _keep(self, origin: str, found: Found, session: CardSession) -> dict[str, Any]:
        kept = self._sessions.keep(origin, found.info.id, found.token.facts.reader, session)
        return {**self._expiry(kept), "tries": found.token.tries().wire()}

    def _expiry(self, kept: PinSession) -> dict[str, Any]:
        return {"pinSession": kept.handle, "expiresIn": self._sessions.seconds_left(kept)}

    def _end_login(self, found: Found, session: CardSession) -> None:
        session.close()
        self._ledger.closed(found.info.id)

    def _subject(
        self, found: Found, origin: str, action: str, content: dict[str, Any] | None, number: str | None
    ) -> questions.Subject:
        desk, facts = self._desk, found.token.facts
        profile = desk.profile(facts.profile)
        return questions.Subject(
            origin=origin,
            action=action,
            language=desk.language,
            certificate=found.info,
            card=facts,
            content=content,
            confirmation=number,
            characters=profile.pin_characters,
            unlock=profile.unlock(desk.language),
            person=desk.pin.person,
            timeout_seconds=desk.pin.window_seconds,
        )


class _Signing(NamedTuple):
    """What will be signed, complete before the person is asked."""

    content: bytes
    attributes: bytes
    signer: cades.SignerIdentity

    @classmethod
    def of(cls, found: Found, origin: str, request: dict[str, Any], now: Now) -> _Signing:
        moment = now()
        content = statement.compose(request, origin, found.der, moment)
        attributes = cades.signed_attributes(content, statement.CONTENT_TYPE, found.der, moment)
        return cls(content, attributes, cades.SignerIdentity(found.der, found.chain, _key_kind(found)))


def _key_kind(found: Found) -> cades.KeyKind:
    match found.info.key.type:
        case "RSA":
            return cades.KeyKind.RSA
        case "EC":
            return cades.KeyKind.EC
    raise CardUnknown(f"a key of type {found.info.key.type} cannot sign here")
