"""One stored statement judged again, by the ladder's own parts and the evidence that was stored with it.

Neither the portal's clock nor its lists of today count: what was true then has to be shown by what was kept. Whom to
believe is the exception: an anchor counts if it lies in a folder that the caller names, never because evidence has it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.archive.records import Record
from portal.refusals import Refused
from portal.settings import MAX_GRACE_HOURS, Grace, TrustFolders
from portal.signatures import cms as envelope
from portal.signatures import statement as json_statement
from portal.signatures.trust import Evidence, Trust, TrustError
from portal.signatures.trust_folders import Crl, Material

Data = Callable[[str], bytes | None]
"""The revocation list or OCSP response (DER) of a SHA-256; None: not kept."""
_KEPT = 16
"""Sets of evidence that stay loaded: the statements of one day and CA share theirs."""


class Unproven(Exception):
    """A statement that does not hold by what was kept of it.

    `code`: the ladder's own (docs/protocol.md), or archive_altered, evidence_incomplete, anchor_unknown.
    """

    def __init__(self, code: str, fact: str) -> None:
        super().__init__(f"{code}: {fact}" if fact else code)
        self.code = code


class Judge:
    """Used in one thread. `anchors`: DER of the certificates that count as trust anchors."""

    def __init__(self, anchors: frozenset[bytes], without_revocation: tuple[str, ...], seconds: int) -> None:
        self._anchors = anchors
        self._unlisted = without_revocation
        self._seconds = seconds
        self._loaded: OrderedDict[str, Trust] = OrderedDict()

    def judge(self, record: Record, data: Data) -> None:
        """Raises Unproven."""
        try:
            self._judge(record, data)
        except Refused as refusal:
            raise Unproven(refusal.code, refusal.fact) from refusal

    def _judge(self, record: Record, data: Data) -> None:
        if hashlib.sha256(record.cms).hexdigest() != record.sha256:
            raise Unproven("archive_altered", "not the bytes that were stored")
        signed = envelope.read(record.cms)
        if (signed.content_type, signed.attribute_content_type) != (json_statement.CONTENT_TYPE,) * 2:
            raise Refused("content_type", signed.content_type)
        envelope.verify(signed)
        _check_statement(record, json_statement.read(signed.content), hashlib.sha256(signed.signer).hexdigest())
        self._check_path(record, signed.signer, data)

    def _check_path(self, record: Record, signer: bytes, data: Data) -> None:
        evidence = record.evidence
        try:
            chain = [base64.b64decode(each, validate=True) for each in evidence["chain"]]
            then = datetime.fromisoformat(evidence["verifiedAt"])
            trust = self._trust(evidence, data)
            found = _validation(record, trust)(signer, then)
        except (KeyError, TypeError, ValueError, IndexError, TrustError) as error:
            raise Unproven("evidence_incomplete", type(error).__name__) from error
        if found.chain[-1] not in self._anchors:
            raise Unproven("anchor_unknown", hashlib.sha256(found.chain[-1]).hexdigest())
        if list(found.chain) != chain:
            raise Unproven("archive_altered", "the path is another")

    def _trust(self, evidence: Mapping[str, Any], data: Data) -> Trust:
        """Trust folders with nothing in them but what was stored."""
        names = ("crls", "ocsp", "otherCertificates", "policies", "withoutRevocation", "graceHours")
        key = json.dumps([evidence["chain"][1:], *(evidence.get(name) for name in names)])
        if key not in self._loaded:
            with tempfile.TemporaryDirectory(prefix="card-bridge-evidence-") as folder:
                self._loaded[key] = Still(self._laid_out(Path(folder), evidence, data))
            while len(self._loaded) > _KEPT:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def _laid_out(self, root: Path, evidence: Mapping[str, Any], data: Data) -> TrustFolders:
        folders = TrustFolders(
            anchors=root / "anchors",
            intermediates=root / "intermediates",
            crls=root / "crls",
            past_crls=root / "crls",
            policies=tuple(evidence.get("policies", ())),
            without_revocation=self._unlisted if evidence.get("withoutRevocation") else (),
            grace=_grace(evidence),
            seconds=self._seconds,
        )
        for folder in (folders.anchors, folders.intermediates, folders.crls):
            folder.mkdir()
        *chain, anchor = (base64.b64decode(each, validate=True) for each in evidence["chain"])
        (folders.anchors / "anchor.cer").write_bytes(anchor)
        others = [base64.b64decode(each, validate=True) for each in evidence.get("otherCertificates", ())]
        for number, certificate in enumerate([*chain[1:], *others]):
            (folders.intermediates / f"{number}.cer").write_bytes(certificate)
        for kind, suffix in (("crls", "crl"), ("ocsp", "ocsp")):
            for each in evidence.get(kind, ()):
                (folders.crls / f"{each['sha256']}.{suffix}").write_bytes(_kept(each["sha256"], data))
        return folders


class Still(Trust):
    """Trust folders as they were read once: they are gone when the first certificate is judged."""

    def _current(self) -> Material:
        return self._material

    def _past_lists(self) -> tuple[Crl, ...]:
        return self._material.crls


def _validation(record: Record, trust: Trust) -> Callable[[bytes, datetime], Evidence]:
    # A login without revocation data shows nothing and accepts nothing; what is signed after it has to hold by itself.
    if record.type == "login" and record.evidence.get("revocation") == "waits":
        return trust.validate_waiting
    return trust.validate_expired if record.evidence.get("expired") else trust.validate


def _grace(evidence: Mapping[str, Any]) -> tuple[Grace, ...]:
    """The record's word: by how much a list had ended stands in the list, and a grace has an upper limit."""
    if (hours := evidence.get("graceHours")) is None:
        return ()
    anchor = hashlib.sha256(base64.b64decode(evidence["chain"][-1], validate=True)).hexdigest()
    return (Grace(anchor, min(int(hours), MAX_GRACE_HOURS)),)


def _kept(sha256: str, data: Data) -> bytes:
    der = data(sha256)
    if der is None:
        raise Unproven("evidence_incomplete", f"no revocation list {sha256}")
    if hashlib.sha256(der).hexdigest() != sha256:
        raise Unproven("archive_altered", f"revocation list {sha256}")
    return der


def _check_statement(record: Record, statement: json_statement.Statement, signer: str) -> None:
    """What the portal wrote down of a statement is what was signed. Raises Refused, Unproven."""
    if (statement.certificate_sha256, record.certificate_sha256) != (signer, signer):
        raise Unproven("certificate_mismatch", "the statement or the record names another")
    if (statement.type, statement.nonce) != (record.type, record.nonce):
        raise Unproven("archive_altered", "type or nonce")
    if any(act != statement.payload.get("sections") for act in record.acts):
        raise Unproven("archive_altered", "the history says other things than were signed")
