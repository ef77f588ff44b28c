"""Whom the portal believes: configured anchors, intermediates and revocation lists, and the path from them to a leaf.

Paths are validated by pyhanko-certvalidator (RFC 5280 §6) with revocation required and nothing fetched. What a sender
puts beside the leaf is never offered to it: a stranger's CA certificates could only make path building slow.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)

from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures import evidence, grace, key_usage, namesakes, paths, trust_folders
from portal.signatures.cms import load
from portal.signatures.evidence import Evidence
from portal.signatures.fast_path import FastPath
from portal.signatures.paths import Chain, Deadline, Rules, TimeIsUpError
from portal.signatures.trust_folders import STUMBLES, Crl, Material, TrustError

__all__ = ["Evidence", "Trust", "TrustError"]

_LOG = logging.getLogger(__name__)
# Each refusal is logged by us, once and without personal data; the validator's own lines carry tracebacks.
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


class Trust:
    """The trust folders, read at start and again whenever one of their files changes. Safe in several threads.

    Every method ends within the settings' seconds, whatever the folders hold: then it raises verification_timeout.
    """

    def __init__(self, folders: TrustFolders) -> None:
        """Raises TrustError when a file cannot be used."""
        self._folders = folders
        self._rules = paths.rules(folders.policies)
        self._lock = threading.Lock()  # the validator's parsed certificates and lists fill themselves in lazily
        self._material = trust_folders.load(folders)
        self._fast = FastPath(self._material)

    @property
    def anchors(self) -> int:
        """How many trust anchors there are: with none, no certificate is believed."""
        return len(self._material.anchors)

    def validate(self, leaf: bytes, now: datetime) -> Evidence:
        """The evidence that this certificate (DER) may sign here at this time. Raises Refused.

        Codes: certificate_untrusted, certificate_expired, certificate_not_yet_valid, key_usage, certificate_revoked,
        revocation_unavailable, verification_timeout.
        """
        with self._in_time() as deadline:
            current = self._current()
            fast = self._quickly(current, leaf, now, deadline)
            if fast is not None:
                key_usage.check(load(leaf))
                return fast
            material = namesakes.without_namesakes(current, load(leaf))
            try:
                chain, unlisted = self._chain_or_unlisted(material, leaf, now, deadline)
            except Refused as refusal:
                late = (
                    self._in_grace(material, leaf, now, deadline) if refusal.code == "revocation_unavailable" else None
                )
                if late is None:
                    raise
                return late
            return evidence.of(chain, material, now)._replace(policies=self._folders.policies, unlisted=unlisted)

    def at_once(self, leaf: bytes, now: datetime) -> Evidence | None:
        """As `validate`, by the fast path alone and without waiting for anybody; None: `validate` has to tell.

        For the event loop and the writer's transaction: a fraction of a millisecond, less than a thread's turn.
        """
        if self._folders.policies or not self._lock.acquire(blocking=False):
            return None
        try:
            if trust_folders.stamp(self._folders) != self._material.stamp:
                return None
            found = self._fast.accepts(leaf, now)
        except OSError:
            return None
        finally:
            self._lock.release()
        if found is not None:
            key_usage.check(load(leaf))
        return found

    def validate_expired(self, leaf: bytes, now: datetime) -> Evidence:
        """As `validate`, but a certificate past its validity is judged at the last moment of it. Raises Refused.

        A list may drop a certificate once it has expired (RFC 5280 §3.3), so three things must hold: a list that was
        current at that moment does not name it, nor does any other that is here, and its issuer's lists are kept up.
        """
        moment = load(leaf).not_valid_after_utc
        if now <= moment:
            return self.validate(leaf, now)
        with self._in_time() as deadline:
            material = self._current()
            lists = (*material.crls, *self._past_lists())
            then = tuple(crl for crl in lists if _current_at(crl, moment))
            of_then = namesakes.without_namesakes(material._replace(crls=then, responses=()), load(leaf))
            chain = _chain(of_then, leaf, moment, self._rules, deadline)
            kept_up = tuple(crl for crl in material.crls if _current_at(crl, now))
            _check_unnamed(chain, lists)
            _check_kept_up(chain, kept_up)
        both = tuple({crl.sha256: crl for crl in (*then, *kept_up)}.values())
        found = evidence.of(chain, material._replace(crls=both, responses=()), now)
        return found._replace(judged_at=moment, policies=self._folders.policies)

    def validate_waiting(self, leaf: bytes, now: datetime) -> Evidence:
        """As `validate` where revocation cannot be told: all but that, for a statement that waits. Raises Refused."""
        with self._in_time() as deadline:
            material = namesakes.without_namesakes(self._current(), load(leaf))
            chain = _chain(material, leaf, now, self._rules._replace(unasked=True), deadline)
            _check_unnamed(chain, (*material.crls, *self._past_lists()))
            return evidence.of(chain, material, now)._replace(policies=self._folders.policies, waits=True)

    def vouches(self, certificate: bytes) -> bool:
        """Whether a configured CA's key signed this certificate (DER), whatever it is for. Raises Refused."""
        loaded = load(certificate)
        with self._in_time():
            material = self._current()
        authorities = (*(anchor.certificate for anchor in material.anchors), *material.intermediates)
        return any(namesakes.issued(loaded, authority) for authority in authorities)

    def list_ends(self) -> dict[str, datetime]:
        """Until when the newest revocation list of each issuer holds, as far as it says, by the name people read."""
        ends: dict[str, datetime] = {}
        for crl in self._material.crls:
            if crl.next_update is not None:
                name = crl.parsed.issuer.human_friendly
                ends[name] = max(crl.next_update, ends.get(name, crl.next_update))
        return ends

    @contextmanager
    def _in_time(self) -> Iterator[Deadline]:
        """One at a time, each for its own seconds, the wait for others included. Raises Refused."""
        deadline = Deadline(self._folders.seconds)
        if not self._lock.acquire(timeout=deadline.left()):
            raise Refused("verification_timeout", "others were before it")
        try:
            yield deadline
        except TimeIsUpError as error:
            raise Refused("verification_timeout", "path") from error
        finally:
            self._lock.release()

    def _quickly(self, material: Material, leaf: bytes, now: datetime, deadline: Deadline) -> Evidence | None:
        """The fast path's yes, or None. A CA that it has not met is judged first, without its own, maybe long list."""
        issuer = self._fast.issuer(leaf, now) if not self._folders.policies else None
        if issuer is not None:
            try:
                above = self._above(material, issuer, now, deadline)
                chain = (asn1_x509.Certificate.load(leaf), *above)
                self._fast.learn(evidence.of(chain, material, now), now)
            except (ValidationError, PathBuildingError, *STUMBLES):
                self._fast.doubt(issuer)
        return self._fast.accepts(leaf, now)

    def _above(self, material: Material, issuer: bytes, now: datetime, deadline: Deadline) -> Chain:
        """The path from a CA to its anchor. Raises ValidationError, PathBuildingError, TimeIsUpError."""
        authority = asn1_x509.Certificate.load(issuer)
        anchors = [anchor.certificate for anchor in material.anchors if anchor.certificate.dump() == issuer]
        if anchors:
            return (anchors[0],)
        own = authority.subject.hashable if authority.subject != authority.issuer else None
        others = tuple(crl for crl in material.crls if crl.issuer != own)
        return paths.find(material._replace(crls=others), issuer, now, self._rules, deadline)

    def _chain_or_unlisted(
        self, material: Material, leaf: bytes, now: datetime, deadline: Deadline
    ) -> tuple[Chain, bool]:
        """The chain, and whether it is one without revocation data for the leaf, as the settings allow its issuer."""
        try:
            return _chain(material, leaf, now, self._rules, deadline), False
        except Refused as refusal:
            if refusal.code != "revocation_unavailable" or not self._folders.without_revocation:
                raise
            chain = _chain(material, leaf, now, self._rules._replace(unlisted=True), deadline)
            issuer = hashlib.sha256(chain[1].dump()).hexdigest() if len(chain) > 1 else ""
            # A CA that has a list here does publish: then it is that list which is missing or stale.
            if issuer not in self._folders.without_revocation or _spoken_of(material, chain[0]):
                raise
            return chain, True

    def _in_grace(self, material: Material, leaf: bytes, now: datetime, deadline: Deadline) -> Evidence | None:
        """The evidence by lists that ended within the anchor's grace. Raises Refused (certificate_revoked)."""
        for moment in grace.moments(material.crls, now, self._folders.grace):
            try:
                chain = _chain(material, leaf, moment, self._rules, deadline)
            except Refused as refusal:
                if refusal.code == "certificate_revoked":
                    raise
                continue
            hours = grace.hours(chain, moment, now, self._folders.grace)
            if hours is not None:
                _check_unnamed(chain, material.crls)
                _LOG.warning("judged by a list that ended %s: grace of %d hours", moment.isoformat(), hours)
                found = evidence.of(chain, material, now)
                return found._replace(judged_at=moment, policies=self._folders.policies, grace_hours=hours)
        return None

    def _past_lists(self) -> tuple[Crl, ...]:
        try:
            return trust_folders.past_lists(self._folders)
        except (TrustError, OSError) as error:
            _LOG.error("past revocation lists not read: %s", error)
            raise Refused("revocation_unavailable", "past lists") from error

    def _current(self) -> Material:
        try:
            if trust_folders.stamp(self._folders) != self._material.stamp:
                self._material = trust_folders.load(self._folders, self._material)
                self._fast = FastPath(self._material, self._fast)
        except (TrustError, OSError) as error:
            # A half-copied file is usual while an officer works: what was loaded stays until all can be read.
            _LOG.error("trust folders not reloaded: %s", error)
        return self._material


def _chain(material: Material, leaf: bytes, moment: datetime, rules: Rules, deadline: Deadline) -> Chain:
    """The certificates from leaf to anchor, valid and unrevoked at the moment. Raises Refused, TimeIsUpError."""
    certificate = load(leaf)
    try:
        chain = paths.find(material, leaf, moment, rules, deadline)
    except (RevokedError, InsufficientRevinfoError) as error:
        key_usage.check(certificate)  # the rung before revocation
        raise _refusal(error, certificate, moment) from error
    except (ValidationError, PathBuildingError, *STUMBLES) as error:
        raise _refusal(error, certificate, moment) from error
    key_usage.check(certificate)
    return chain


def _spoken_of(material: Material, leaf: asn1_x509.Certificate) -> bool:
    """Whether any list of the leaf's issuer is here, or any OCSP response on a certificate of this number."""
    listed = any(crl.issuer == leaf.issuer.hashable for crl in material.crls)
    return listed or any(leaf.serial_number in response.serials for response in material.responses)


def _refusal(error: Exception, certificate: x509.Certificate, moment: datetime) -> Refused:
    fact = type(error).__name__
    match error:
        case RevokedError():
            return Refused("certificate_revoked", fact)
        case InsufficientRevinfoError():  # stale lists too
            return Refused("revocation_unavailable", fact)
        case ExpiredError() if certificate.not_valid_after_utc < moment:
            return Refused("certificate_expired", fact)
        case NotYetValidError() if moment < certificate.not_valid_before_utc:
            return Refused("certificate_not_yet_valid", fact)
    return Refused("certificate_untrusted", fact)


def _current_at(crl: Crl, moment: datetime) -> bool:
    return crl.this_update <= moment and crl.next_update is not None and moment <= crl.next_update


def _check_unnamed(chain: Chain, lists: tuple[Crl, ...]) -> None:
    """No list of any time names a certificate of the path. Raises Refused."""
    for certificate in chain[:-1]:
        for crl in lists:
            if crl.issuer == certificate.issuer.hashable and crl.names(certificate.serial_number):
                raise Refused("certificate_revoked", "by a list of another time")


def _check_kept_up(chain: Chain, current: tuple[Crl, ...]) -> None:
    """Each issuer of the path has a current list of its own signing: what was revoked late is here. Raises Refused."""
    for certificate, issuer in itertools.pairwise(chain):
        key = load(issuer.dump()).public_key()
        if not any(crl.issuer == certificate.issuer.hashable and crl.signed_by(key) for crl in current):
            raise Refused("revocation_unavailable", "no current list of an issuer")
