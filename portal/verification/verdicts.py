"""検証機能: is a saved receipt or signed document valid, who signed what and when. Keeps nothing.

Whether this portal has received exactly these bytes is told to a card of the company alone; nobody else's question
even reaches the store.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from portal.refusals import Refused
from portal.registration import holder
from portal.settings import Settings, folders_below
from portal.signatures import certificate
from portal.signatures.certificate import CertificateView
from portal.signatures.statement import Statement
from portal.signatures.trust import Evidence, Trust
from portal.store import Receipt, Session, Store
from portal.verification import opening, time_stamp
from portal.verification.apart.process import Reader
from portal.verification.opening import BEGIN, Content, Kind, Opened, Read, Within, kind_of
from portal.verification.time_stamp import Judged

VERIFY_SECONDS = 20.0
AT_ONCE = 2  # of the threads that registrations are verified in

# Here the file's signature holds and its certificate comes from a configured CA, so what it says may be shown.
_TRACED = frozenset(
    {
        "certificate_expired",
        "certificate_not_yet_valid",
        "key_usage",
        "certificate_revoked",
        "revocation_unavailable",
        "certificate_extra",
    }
)


class Signed(NamedTuple):
    """Who signed what, and when by the signer's own clock (None: the file does not say)."""

    signer: CertificateView
    signed_at: datetime | None
    content: Statement | Content | Within
    stamp: Judged | None = None


class Mark(NamedTuple):
    """One of the signatures that stand in a PDF, by the name of its field; the rest as in a Verdict."""

    field: str
    refusal: Refused | None
    signed: Signed | None
    listed: datetime | None


class Verdict(NamedTuple):
    """`refusal` None: valid at `time`. `signed` None: nothing that the file says can be relied on.

    `listed` is set where a grace was used: the end of the revocation list that it was judged by. `marks`: a PDF's
    signatures, in the order of signing; then `signed` is None, and `refusal` that of the first that is not valid.
    """

    time: datetime
    refusal: Refused | None
    signed: Signed | None
    receipt: Receipt | None
    listed: datetime | None = None
    marks: tuple[Mark, ...] = ()


class Verification:
    """Verifies files against the trust folders at the server's time."""

    def __init__(self, settings: Settings, store: Store, trust: Trust, clock: Callable[[], datetime]) -> None:
        """Raises TrustError where the folder of time-stamp authorities cannot be used."""
        self._limit = settings.verification.max_bytes
        self._store = store
        self._trust = trust
        self._clock = clock
        folder = settings.verification.timestamps
        self._times = Times(None if folder is None else Trust(folders_below(folder)))
        self._reader = Reader()
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def verify(self, file: bytes, beside: bytes | None, session: Session | None) -> Verdict:
        """The verdict on a file, and on the document that was chosen beside it. Raises Refused (document_missing)."""
        now = self._clock()
        async with self._turn:
            try:
                verdict = await self._judged(file, beside, now)
            except TimeoutError:
                return Verdict(now, Refused("verification_timeout"), None, None)
        return verdict._replace(receipt=await self._receipt(file, session))

    async def _judged(self, file: bytes, beside: bytes | None, now: datetime) -> Verdict:
        """Raises TimeoutError, Refused (document_missing)."""
        kind = kind_of(file[:BEGIN])
        if kind is Kind.CMS:
            judged = asyncio.to_thread(judge, file, beside, now, self._trust, self._limit, self._times)
        else:
            try:
                read = await self._reader.read(kind, file, beside, now)
            except Refused as refusal:
                if refusal.code == "document_missing":
                    raise
                return Verdict(now, refusal, None, None)
            judged = asyncio.to_thread(judge_read, kind, read, now, self._trust, self._times)
        return await asyncio.wait_for(judged, VERIFY_SECONDS)

    async def receipt(self, session: Session) -> Receipt | None:
        """What this portal received of the card that logged in, if anything. Raises Refused (login_required)."""
        return await self._store.receipt(holder.owner(session))

    async def _receipt(self, file: bytes, session: Session | None) -> Receipt | None:
        if session is None or session.certificate is None:
            return None
        sha256 = hashlib.sha256(file).hexdigest()
        return await self._store.receipt_of(sha256, holder.owner(session).certificate_sha256)


class Times(NamedTuple):
    """Time-stamps are taken; `trust`: whom to believe about them, None for nobody."""

    trust: Trust | None


def judge(
    file: bytes, beside: bytes | None, now: datetime, trust: Trust, limit: int, times: Times | None = None
) -> Verdict:
    """The verdict on a file of at most `limit` bytes. Raises Refused (document_missing).

    It rests on the signature alone: a time-stamp is told beside it, with what is to be said against its time.
    """
    return judge_opened(lambda: opening.open_file(file, beside, limit, stamps=times is not None), now, trust, times)


def judge_read(kind: Kind, read: tuple[Read, ...], now: datetime, trust: Trust, times: Times | None) -> Verdict:
    """The verdict on what was read of a file (for PDF: every signature; else the only one)."""
    if kind is Kind.PDF:
        return judge_pdf(read, now, trust, times)
    (only,) = read
    return judge_opened(only.open, now, trust, times)


def judge_pdf(read: Iterable[Read], now: datetime, trust: Trust, times: Times | None) -> Verdict:
    """The verdict on a PDF by all of its signatures: valid when each is."""
    end = time.monotonic() + VERIFY_SECONDS
    marks = tuple(_mark(each, now, trust, times, end) for each in read)
    refusals = [each.refusal for each in marks if each.refusal is not None]
    listed = min((each.listed for each in marks if each.listed is not None), default=None)
    return Verdict(now, refusals[0] if refusals else None, None, None, listed, marks)


def _mark(read: Read, now: datetime, trust: Trust, times: Times | None, end: float) -> Mark:
    """`end`: when nobody waits any more; many signatures must not keep the trust folders busy after it."""
    if time.monotonic() > end:
        return Mark(read.field, Refused("verification_timeout", "many signatures"), None, None)
    verdict = judge_opened(read.open, now, trust, times)
    return Mark(read.field, verdict.refusal, verdict.signed, verdict.listed)


def judge_opened(open_file: Callable[[], Opened], now: datetime, trust: Trust, times: Times | None = None) -> Verdict:
    """The verdict on a file that `open_file` opens when its signature is good. Raises Refused (document_missing)."""
    try:
        opened = open_file()
        stamp = None if opened.stamp is None or times is None else time_stamp.believe(opened.stamp, now, times.trust)
        signed = Signed(certificate.read(opened.signer), opened.signed_at, opened.content, stamp)
    except Refused as refusal:
        if refusal.code == "document_missing":
            raise
        return Verdict(now, refusal, None, None)
    try:
        evidence = _believe(opened, now, trust)
    except Refused as refusal:
        return Verdict(now, refusal, signed if refusal.code in _TRACED else None, None)
    return Verdict(now, None, signed, None, evidence.judged_at)


def _believe(opened: Opened, now: datetime, trust: Trust) -> Evidence:
    """Path and revocation of the signer; and every certificate that came along is one that a known CA made."""
    evidence = trust.validate(opened.signer, now)
    for sent in opened.certificates:
        if sent not in evidence.chain and not trust.vouches(sent):
            raise Refused("certificate_extra")
    return evidence
