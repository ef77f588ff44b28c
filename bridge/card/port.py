"""What the card host needs of a card, and nothing a library happens to offer.

Two adapters stand behind it: `pkcs11` (with `pcsc` beside it) for real cards, `practice` for the practice card.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from bridge.card.safety.pin import Pin
from bridge.card.safety.tries import Tries
from bridge.card.signature.algorithms import STATEMENT, How, SignatureAlgorithm


class TokenFacts(NamedTuple):
    """What can be said of a token without talking to its PIN."""

    reader: str
    """PC/SC name of the reader, as the person sees it."""
    label: str
    """CK_TOKEN_INFO.label, without padding."""
    profile: str
    """Name of the profile that describes this card."""
    pin_min: int
    pin_max: int
    """PIN length in bytes, from CK_TOKEN_INFO (PKCS#11 v2.40 §3.3)."""
    pin_pad: bool
    """CKF_PROTECTED_AUTHENTICATION_PATH: the PIN is typed on the reader."""
    insertion: str = ""
    """Names this insertion of this card; another one names another. Empty for keys that are in no reader."""
    identified_by: str = ""
    """For a token that shows its certificate only after the PIN: the profile of its companion on the same card."""
    authenticates: bool = False
    """Its key proves a presence and signs no content, whatever the certificate says."""


class CardSession(Protocol):
    """One opened token. Not thread-safe; used by the host's card thread only."""

    def login(self, pin: Pin) -> None:
        """Send the PIN once; at a PIN pad let the reader ask for it, and pass nothing.

        Raises PinWrong, PinLocked, PinFormat (never sent), CardRemoved, CardFailed, and at a PIN pad PinCancelled
        (given up there); never retries.
        """
        ...

    @property
    def logged_in(self) -> bool:
        """What the card itself holds true now, as far as it can be asked without a try."""
        ...

    def wants_pin(self, certificate: bytes) -> bool:
        """Whether `sign` needs the PIN for each signature of this certificate's key. Asked after the login."""
        ...

    def sign(self, certificate: bytes, data: bytes, pin: Pin | None = None, how: How = STATEMENT) -> bytes:
        """Sign data with the key of a certificate (DER); `pin` where `wants_pin` says so, sent once.

        Returns the signature value as CMS carries it, of the kind that `algorithm` names: the bytes of RSA (RFC 3370
        §3.2, RFC 4056 §3) or a DER ECDSA-Sig-Value (RFC 5753 §7.2). Raises PinSessionEnded when another program has
        reset the card since the login.
        """
        ...

    def algorithm(self, certificate: bytes, how: How = STATEMENT) -> SignatureAlgorithm:
        """How `sign` signs with this certificate's key, which is the token's choice. Asked after the login."""
        ...

    def close(self) -> bool:
        """End the login state on the card itself (PC/SC reset) and let go of it. Never raises.

        False when another program kept the card from being reset: it may still be unlocked.
        """
        ...


class Token(Protocol):
    """A token that is present now."""

    @property
    def facts(self) -> TokenFacts: ...

    def certificates(self) -> list[bytes]:
        """Public X.509 certificates, DER. No login. CA certificates that the token holds are among them."""
        ...

    def tries(self) -> Tries:
        """The PIN's retry counter, read only in a way that the profile calls free of cost."""
        ...

    def open(self) -> CardSession:
        """Open a session. Raises CardRemoved, CardFailed."""
        ...


class CardPort(Protocol):
    """One way to reach cards: a PKCS#11 module, or the practice card."""

    def tokens(self) -> list[Token]:
        """Tokens present now, in no order that means anything. Raises ModuleMissing, ModuleFailed."""
        ...

    def close(self) -> None:
        """Let go of the library. Never raises."""
        ...
