"""Every failure that a page, a log or a person can meet: one class, one stable code.

The codes are part of the API (docs/protocol.md, Errors) and never change once shipped. A failure crosses the
host's pipe as its code and facts (`to_wire`, `from_wire`), so that both processes speak of the same class.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from bridge.card.safety.tries import Tries


class Help(NamedTuple):
    """What this card's issuer knows better than our own texts (bridge/texts.toml): what to do next, or whom to ask."""

    ja: str
    en: str


class BridgeError(Exception):
    """A failure with a stable code. `reason` is for logs and developers, never a secret, never for the person."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retriable: ClassVar[bool] = False

    def __init__(self, reason: str = "", *, tries: Tries | None = None) -> None:
        super().__init__(reason or self.code)
        self.reason = reason
        self.tries = tries
        self.document: int | None = None
        """Which one of a request's documents it is about, from 0."""
        self.help: Help | None = None
        self.contact: Help | None = None
        """Where this card's authority is asked, as its profile knows it."""

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"code": self.code, "reason": self.reason}
        if self.tries is not None:
            wire["tries"] = self.tries.wire()
        if self.help is not None:
            wire["help"] = self.help._asdict()
        if self.contact is not None:
            wire["contact"] = self.contact._asdict()
        return wire


class Internal(BridgeError):
    """A fault of ours."""


class BadRequest(BridgeError):
    code, status = "bad_request", 400


class Unsupported(BridgeError):
    code, status = "unsupported", 400


class TooLarge(BridgeError):
    code, status = "too_large", 413


class HostRefused(BridgeError):
    code, status = "host_refused", 421


class PeerRefused(BridgeError):
    code, status = "peer_refused", 403


class OriginDenied(BridgeError):
    code, status = "origin_denied", 403


class FormatRefused(BridgeError):
    code, status = "format_refused", 403


class DocumentUnknown(BridgeError):
    code, status, retriable = "document_unknown", 409, True


class DocumentNotKept(BridgeError):
    code, status, retriable = "document_not_kept", 503, True


class DocumentMalformed(BridgeError):
    code, status = "document_malformed", 422


class DocumentRefused(BridgeError):
    code, status = "document_refused", 422


class FormatUnavailable(BridgeError):
    code, status = "format_unavailable", 501


class RateLimited(BridgeError):
    code, status, retriable = "rate_limited", 429, True


class Busy(BridgeError):
    code, status, retriable = "busy", 409, True


class NoReader(BridgeError):
    code, status, retriable = "no_reader", 409, True


class NoCard(BridgeError):
    code, status, retriable = "no_card", 409, True


class CardUnknown(BridgeError):
    code, status = "card_unknown", 409


class CardRemoved(BridgeError):
    code, status, retriable = "card_removed", 409, True


class CardFailed(BridgeError):
    code, status, retriable = "card_failed", 502, True


class ModuleMissing(BridgeError):
    code, status = "module_missing", 503


class ModuleFailed(BridgeError):
    code, status, retriable = "module_failed", 502, True


class ModuleTimeout(BridgeError):
    code, status, retriable = "module_timeout", 504, True


class NoCertificate(BridgeError):
    code, status = "no_certificate", 409


class CertificateExpired(BridgeError):
    code, status = "certificate_expired", 409


class CertificateNotYetValid(BridgeError):
    code, status = "certificate_not_yet_valid", 409


class CertificateUnsuitable(BridgeError):
    code, status = "certificate_unsuitable", 409


class ConsentCancelled(BridgeError):
    code, status, retriable = "consent_cancelled", 409, True


class PinCancelled(BridgeError):
    code, status, retriable = "pin_cancelled", 409, True


class PinFormat(BridgeError):
    code, status, retriable = "pin_format", 409, True


class PinWrong(BridgeError):
    code, status, retriable = "pin_wrong", 409, True


class PinLastTry(BridgeError):
    code, status = "pin_last_try", 409


class PinLocked(BridgeError):
    code, status = "pin_locked", 409


class PinSessionEnded(BridgeError):
    code, status, retriable = "pin_session_ended", 409, True


class AuditFailed(BridgeError):
    code, status, retriable = "audit_failed", 503, True


class TimestampNotConfigured(BridgeError):
    code, status = "timestamp_not_configured", 409


class TimestampUnavailable(BridgeError):
    code, status, retriable = "timestamp_unavailable", 503, True


class TimestampRefused(BridgeError):
    code, status = "timestamp_refused", 502


class TimestampInvalid(BridgeError):
    code, status = "timestamp_invalid", 502


class TimestampUntrusted(BridgeError):
    code, status = "timestamp_untrusted", 502


class TimestampClock(BridgeError):
    code, status, retriable = "timestamp_clock", 409, True


_CLASSES: dict[str, type[BridgeError]] = {cls.code: cls for cls in BridgeError.__subclasses__()}
CODES: tuple[str, ...] = tuple(sorted(_CLASSES))


def from_wire(wire: dict[str, Any]) -> BridgeError:
    """The failure that the other end of the pipe reported; an unknown code is a fault of ours."""
    cls = _CLASSES.get(wire.get("code", ""), Internal)
    tries = wire.get("tries")
    error = cls(wire.get("reason", ""), tries=Tries.from_wire(tries) if tries is not None else None)
    error.help, error.contact = _texts(wire.get("help")), _texts(wire.get("contact"))
    return error


def _texts(wire: dict[str, str] | None) -> Help | None:
    return None if wire is None else Help(**wire)
