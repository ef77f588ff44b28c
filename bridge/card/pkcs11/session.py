"""A session on a token behind a vendor's PKCS#11 library: login, signatures, and an end that the card knows of."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

from bridge.card.pkcs11 import signing_keys
from bridge.card.pkcs11.cryptoki import Cryptoki, CryptokiError, User
from bridge.card.pkcs11.signing_keys import SigningKey
from bridge.card.port import TokenFacts
from bridge.card.safety.pin import Pin
from bridge.card.signature.algorithms import STATEMENT, How, SignatureAlgorithm
from bridge.card.witness import Witness
from bridge.errors import Busy, CardFailed, CardRemoved, NoReader, PinSessionEnded


class OpenedToken(Protocol):
    """What a session needs of the token that it was opened on."""

    @property
    def facts(self) -> TokenFacts: ...
    def same_card(self) -> None: ...
    def left(self) -> None: ...
    def verified(self) -> bool | None: ...
    def mechanisms(self) -> set[int]: ...
    def translated(self, doing: str) -> AbstractContextManager[None]: ...


class Pkcs11Session:
    """A session on one token, with a witness of what other programs do to the card meanwhile."""

    def __init__(self, token: OpenedToken, native: Cryptoki, session: Any, witness: Witness | None) -> None:
        self._token = token
        self._native = native
        self._session = session
        self._witness = witness
        self._keys: dict[bytes, SigningKey] = {}
        self._open = True

    def login(self, pin: Pin) -> None:
        self._token.same_card()
        with self._token.translated("logging in"):
            self._login_once(self._typed_here(pin))
        if self._witness is not None:
            # Some libraries reset the card on their own when they log in; from here on it is somebody else.
            self._witness.rearm()

    @property
    def logged_in(self) -> bool:
        try:
            return self._open and self._undisturbed() and self._native.logged_in(self._session.handle)
        except CryptokiError:
            return False

    def sign(self, certificate: bytes, data: bytes, pin: Pin | None = None, how: How = STATEMENT) -> bytes:
        """As the port says; `pin` serves a key that wants it for each signature (CKA_ALWAYS_AUTHENTICATE).

        Raises PinSessionEnded after a foreign reset, CardRemoved, CardFailed, PinWrong, PinLocked.
        """
        if not self._untouched():
            raise PinSessionEnded("another program reset the card")
        with self._token.translated("signing"):
            key = self._key(certificate)
            if key.always_authenticate and pin is None:
                raise CardFailed("always authenticate: this key wants the PIN for each signature")
            method = key.method(how)
            self._native.sign_init(self._session.handle, method.mechanism, key.handle, method.parameter)
            if key.always_authenticate and pin is not None:
                self._native.login(self._session.handle, User.CONTEXT_SPECIFIC, self._typed_here(pin))
            raw = self._native.sign(self._session.handle, method.prepare(data, key.public))
        return method.finished(raw, key.public)

    def wants_pin(self, certificate: bytes) -> bool:
        """As the port says. Raises NoCertificate, CardFailed."""
        with self._token.translated("looking for the key"):
            return self._key(certificate).always_authenticate

    def algorithm(self, certificate: bytes, how: How = STATEMENT) -> SignatureAlgorithm:
        """As the port says. Raises NoCertificate, CardFailed."""
        with self._token.translated("looking for the key"):
            return self._key(certificate).method(how).algorithm

    def close(self) -> bool:
        if not self._open:
            return True
        self._open = False
        self._token.left()
        for end in (self._native.logout, self._native.close_session):
            try:
                end(self._session.handle)
            except CryptokiError:
                continue  # the card is gone, and the session with it; the reset below is what counts
        return self._witness is None or self._witness.reset_and_close()

    def _typed_here(self, pin: Pin) -> Pin | None:
        """What the library is given: nothing, where the person types on the reader."""
        return None if self._token.facts.pin_pad else pin

    def _login_once(self, pin: Pin | None) -> None:
        """A login that the library already holds would be answered without asking the card: end it first."""
        if self._native.logged_in(self._session.handle):
            self._native.logout(self._session.handle)
        self._native.login(self._session.handle, User.USER, pin)

    def _undisturbed(self) -> bool:
        try:
            return self._untouched() and self._token.verified() is not False
        except Busy:
            return True  # another program is at the card right now; whether it does harm, the next signature asks again
        except (CardRemoved, NoReader, CardFailed):
            return False

    def _untouched(self) -> bool:
        return self._witness is None or self._witness.undisturbed()

    def _key(self, certificate: bytes) -> SigningKey:
        if certificate not in self._keys:
            self._keys[certificate] = signing_keys.find(
                self._session, self._native, certificate, self._token.mechanisms()
            )
        return self._keys[certificate]
