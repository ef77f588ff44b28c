"""What PKCS#11 libraries return (CKR_*, PKCS#11 v2.40 §5.1) as failures of ours."""

from __future__ import annotations

import pkcs11
from pkcs11.exceptions import PKCS11Error

from bridge.card.pkcs11.cryptoki import CryptokiError, Rv
from bridge.errors import (
    BridgeError,
    CardFailed,
    CardRemoved,
    PinCancelled,
    PinFormat,
    PinLocked,
    PinSessionEnded,
    PinWrong,
)

_GONE = (
    pkcs11.DeviceRemoved,
    pkcs11.TokenNotPresent,
    pkcs11.TokenNotRecognised,
    pkcs11.SessionClosed,
    pkcs11.SessionHandleInvalid,
)
_BY_RV: dict[int, type[BridgeError]] = {
    Rv.DEVICE_REMOVED: CardRemoved,
    Rv.TOKEN_NOT_PRESENT: CardRemoved,
    Rv.TOKEN_NOT_RECOGNIZED: CardRemoved,
    Rv.SESSION_CLOSED: CardRemoved,
    Rv.SESSION_HANDLE_INVALID: CardRemoved,
    Rv.PIN_INCORRECT: PinWrong,
    Rv.PIN_LOCKED: PinLocked,
    Rv.PIN_INVALID: PinFormat,
    Rv.PIN_LEN_RANGE: PinFormat,
    Rv.FUNCTION_CANCELED: PinCancelled,
    Rv.USER_NOT_LOGGED_IN: PinSessionEnded,
}


def failure(error: PKCS11Error | CryptokiError, doing: str) -> BridgeError:
    """The one place where CKR_* becomes a failure of ours. Only the card's own word is called a wrong PIN."""
    reason = f"{doing}: {type(error).__name__} {error}".rstrip()
    if isinstance(error, CryptokiError):
        return _BY_RV.get(error.rv, CardFailed)(reason)
    return CardRemoved(reason) if isinstance(error, _GONE) else CardFailed(reason)
