"""An authority's reply, judged before anything of it is used: one refusal per line (RFC 3161 §2.2, §2.4.2).

Runs in a process of its own (worker.py). Pure: anchors and the time are handed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from bridge.card.signature.algorithms import Hash
from bridge.errors import TimestampClock, TimestampInvalid, TimestampRefused
from bridge.timestamps import path, shape, token
from bridge.timestamps.query import Query

MAX_SKEW = timedelta(minutes=5)
"""Between the token's time and this computer's, beyond what the authority says of its own accuracy."""
_GRANTED = ("granted", "granted_with_mods")
# What asn1crypto and cryptography let through of bytes that are of other kinds than expected
_STUMBLES = (
    *(ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, NotImplementedError),
    *(x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm),
)


class Reply(core.Sequence):  # type: ignore[misc]  # the library ships no types
    """TimeStampResp, whose token is optional (RFC 3161 §2.4.2); asn1crypto's own asks for it in refusals too."""

    _fields: ClassVar = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


class Stamp(NamedTuple):
    """`token`: DER of the ContentInfo. `time`: aware. `authority`: its subject (RFC 4514)."""

    token: bytes
    time: datetime
    authority: str
    serial: int


def judge(reply: bytes, query: Query, trusted: list[x509.Certificate], now: datetime) -> Stamp:
    """Raises TimestampRefused, TimestampInvalid, TimestampUntrusted, TimestampClock."""
    try:
        shape.check(reply)
        return _judge(Reply.load(reply, strict=True), query, trusted, now)
    except _STUMBLES as error:
        raise TimestampInvalid(f"unreadable: {type(error).__name__}") from error


def _judge(reply: Any, query: Query, trusted: list[x509.Certificate], now: datetime) -> Stamp:
    status = reply["status"]
    if status["status"].native not in _GRANTED:
        raise TimestampRefused(f"{status['status'].native}: {_failure(status)}")
    stamped = reply["time_stamp_token"]
    whole, opened = token.received(stamped), token.opened(stamped)
    _check_asked(opened.info, query)
    time: datetime = opened.info["gen_time"].native
    path.require_authority(opened.signer, opened.others, trusted, time)
    _check_clock(time, opened.info["accuracy"], now)
    subject = opened.signer.subject.rfc4514_string()
    return Stamp(whole, time, subject, int(opened.info["serial_number"].native))


def _failure(status: Any) -> str:
    """The authority's reason as one of the standard's words; its free text is a stranger's."""
    found = status["fail_info"].native
    return ", ".join(sorted(found)) if isinstance(found, set) else "no reason"


def _check_asked(info: Any, query: Query) -> None:
    if info["version"].native != "v1":
        raise TimestampInvalid("another version of TSTInfo")
    imprint = info["message_imprint"]
    if Hash.__members__.get(str(imprint["hash_algorithm"]["algorithm"].native).upper()) is not query.hash:
        raise TimestampInvalid("another hash than asked for")
    if imprint["hashed_message"].native != query.imprint:
        raise TimestampInvalid("another imprint than asked for")
    if info["nonce"].native != query.nonce:
        raise TimestampInvalid("another nonce than asked for")
    if query.policy and info["policy"].dotted != query.policy:
        raise TimestampInvalid("another policy than asked for")
    if any(each["critical"].native for each in info["extensions"] or ()):
        raise TimestampInvalid("a critical extension that is not known")


def _check_clock(time: datetime, accuracy: Any, now: datetime) -> None:
    claimed = accuracy.native or {}
    own = timedelta(seconds=claimed.get("seconds") or 0, milliseconds=claimed.get("millis") or 0)
    skew = abs(time - now)
    if skew > MAX_SKEW + min(own, MAX_SKEW):
        raise TimestampClock(f"{round(skew.total_seconds())} s between the authority's clock and this computer's")
