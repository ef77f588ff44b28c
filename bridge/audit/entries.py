"""What the record says of a request that asked a card or a person, and of what became of it (pure).

Origin, the page's words for it, whole certificates' hashes, outcome. No PIN, no name from a certificate, nothing of a
form's content but its SHA-256: that covers a nonce of 32 bytes, so that nobody can find the content by trying.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, NamedTuple, assert_never

from bridge.audit.chain import Facts
from bridge.audit.reading import OK
from bridge.errors import BridgeError
from bridge.messages import Certificates, Connect, Diagnose, PinClose, PinOpen, Readers, Request, Sign
from bridge.requested import Document, SignDocuments

GONE = "page_gone"
"""Outcome of a request that its page cancelled, or went away from."""
_BY_A_PERSON = frozenset({"pin_wrong", "pin_cancelled", "pin_format", "consent_cancelled"})
"""Refusals that no page can have by itself, as often as it likes."""


class Entry(NamedTuple):
    event: str
    facts: Facts
    by_page: bool = False
    """Whether a page can bring it about without a person: then the same is written once in a while, not each time."""


def opens_key(request: Request) -> bool:
    """Whether it may have a PIN typed or something signed: not without its line."""
    return isinstance(request, Sign | SignDocuments | PinOpen)


def answered(origin: str, request: Request, result: dict[str, Any]) -> tuple[Entry, ...]:
    """Nothing: it asked nobody. Of documents, one for each, in order.

    A statement's `result` still holds `sha256`, that of the bytes which were signed.
    """
    asked = _asked(origin, request)
    if asked is None:
        return ()
    facts = {**asked.facts, **_session(result), "outcome": OK}
    match request:
        case Certificates():
            told = [str(item.get("id") or item["card"]) for item in result["certificates"]]
            return (Entry(asked.event, {**facts, "told": told}, by_page=True),)
        case Sign():
            cms = hashlib.sha256(base64.b64decode(result["statement"])).hexdigest()
            return (Entry(asked.event, {**facts, "statement": result["sha256"], "cms": cms}),)
        case SignDocuments(documents=documents):
            pairs = zip(documents, result["signatures"], strict=True)
            return tuple(Entry(asked.event, {**facts, **_document(each, made)}) for each, made in pairs)
    return (Entry(asked.event, facts),)


def refused(origin: str, request: Request, error: BridgeError, made: int = 0) -> Entry | None:
    """`made`: signatures that the card had made by then, and that do not leave."""
    asked = _asked(origin, request)
    if asked is None:
        return None
    tries = {} if error.tries is None else {"tries": _left(error.tries.wire())}
    facts = {**asked.facts, **tries, **_discarded(made), "outcome": error.code}
    return Entry(asked.event, facts, by_page=not made and error.code not in _BY_A_PERSON)


def abandoned(origin: str, request: Request, made: int = 0) -> Entry | None:
    asked = _asked(origin, request)
    return None if asked is None else Entry(asked.event, {**asked.facts, **_discarded(made), "outcome": GONE}, not made)


def session_ended(origin: str, handle: str, reason: str) -> Entry:
    return Entry("pinSessionEnded", {"origin": origin, "session": _named(handle), "reason": reason})


def consent(origin: str, verdict: str) -> Entry:
    return Entry("consent", {"origin": origin, "outcome": verdict})


def _asked(origin: str, request: Request) -> Entry | None:
    match request:
        case Connect() | Readers() | Diagnose() | PinClose():
            return None  # consent and the end of a PIN session have lines of their own
        case Certificates(purpose=purpose, all=everything):
            return Entry("certificates", {"origin": origin, "purpose": purpose, "all": everything})
        case PinOpen(certificate=certificate, card=card, action=action):
            which = {"card": card} if card else {"certificate": certificate}
            return Entry("pin/open", {"origin": origin, "action": action, **which})
        case Sign(certificate=certificate, statement=asked):
            named = {"type": asked.type, "action": asked.action, "aud": asked.aud}
            return Entry("sign", {"origin": origin, **named, "certificate": certificate})
        case SignDocuments(certificate=certificate, action=action, documents=documents):
            counted = {"documents": len(documents)}
            return Entry("sign", {"origin": origin, "action": action, "certificate": certificate, **counted})
    assert_never(request)


def _document(asked: Document, made: dict[str, Any]) -> Facts:
    """`document`: SHA-256 of its bytes, or the hash that was all there was of it. No name."""
    inside = made["result"]["sha256"] if "result" in made else ""
    signature = inside or hashlib.sha256(base64.b64decode(made["signature"])).hexdigest()
    known = {"document": made["sha256"]} if "sha256" in made else {"digest": f"{asked.hash}:{made['digest']}"}
    stamped = {"timestamp": made["timestamp"]["time"]} if "timestamp" in made else {}
    return {"format": asked.format.value, **known, "signature": signature, **stamped}


def _discarded(made: int) -> Facts:
    return {"discarded": made} if made else {}


def _session(result: dict[str, Any]) -> Facts:
    named = {"session": _named(result["pinSession"])} if "pinSession" in result else {}
    return named | ({"tries": _left(result["tries"])} if "tries" in result else {})


def _named(handle: str) -> str:
    """A PIN session by a name that opens nothing."""
    return hashlib.sha256(handle.encode()).hexdigest()[:16]


def _left(tries: dict[str, Any]) -> int | str:
    """As many as the card told, or its hint where it tells no number."""
    return tries["hint"] if tries["count"] is None else int(tries["count"])
