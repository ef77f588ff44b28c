"""What is stored with a statement is enough: years later, by another clock, from the database alone."""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from portal.refusals import Refused
from portal.signatures import cms as envelope
from portal.signatures import evidence, ladder, paths
from portal.signatures.ladder import Expected
from portal.signatures.paths import Deadline
from portal.signatures.trust import Trust
from portal.signatures.trust_folders import Material
from tests.unit import pkits
from tests.unit import portal_pki as pki
from tests.unit.pkits import Case
from tests.unit.portal_world import world
from tests.unit.yaml_pki import YamlPki

YEARS = timedelta(days=3650)


def restored(record: dict[str, Any], data: dict[str, bytes], root: Path) -> Trust:
    """Trust folders with nothing in them but what was stored."""
    folder = pki.TrustFolder(root)
    *chain, anchor = (base64.b64decode(each) for each in record["chain"])
    (folder.folders.anchors / "anchor.cer").write_bytes(anchor)
    others = [base64.b64decode(each) for each in record.get("otherCertificates", [])]
    for number, certificate in enumerate([*chain[1:], *others]):
        (folder.folders.intermediates / f"{number}.cer").write_bytes(certificate)
    for kind, suffix in (("crls", "crl"), ("ocsp", "ocsp")):
        for each in record.get(kind, []):
            (folder.folders.crls / f"{each['sha256']}.{suffix}").write_bytes(data[each["sha256"]])
            (folder.folders.past_crls / f"{each['sha256']}.{suffix}").write_bytes(data[each["sha256"]])
    return Trust(folder.folders)


async def test_a_registration_is_judged_again_from_the_database_alone(tmp_path: Path) -> None:
    async with world(tmp_path / "then") as made:
        sub = pki.Authority(x509.Name.from_rfc4514_string("CN=Cards,C=JP"), pki.rsa_key("cards"), made.authority)
        made.trust.intermediate(sub)
        made.trust.crl(sub.crl(5), "sub")
        await made.register(sub.issue(41))
    database = sqlite3.connect(tmp_path / "then" / "portal.sqlite3")
    data = dict(database.execute("SELECT sha256, der FROM revocation_lists").fetchall())
    rows = database.execute("SELECT type, cms, evidence FROM statements ORDER BY verified_at").fetchall()
    database.close()
    assert len(rows) == 2  # login and registration
    for number, (kind, cms, stored) in enumerate(rows):
        record = json.loads(stored)
        then = datetime.fromisoformat(record["verifiedAt"])
        trust = restored(record, data, tmp_path / str(number))
        opened = ladder.open_statement(cms, Expected(kind, _action(cms), pki.ORIGIN, pki.AUDIENCE, "", None))
        again = await asyncio.to_thread(trust.validate, opened.signed.signer, then)
        assert [base64.b64encode(each).decode() for each in again.chain] == record["chain"]
        assert again.data().keys() == {each["sha256"] for each in record["crls"]}
        with pytest.raises(Refused):  # its own moment is what it is judged at
            await asyncio.to_thread(trust.validate, opened.signed.signer, then + YEARS)


def _action(cms: bytes) -> str:
    content = envelope.read(cms).content
    return str(json.loads(content)["action"])


def test_without_one_of_its_lists_it_is_not_enough(tmp_path: Path) -> None:
    authority, folder = pki.Authority(), pki.TrustFolder(tmp_path / "trust")
    folder.anchor(authority)
    folder.crl(authority.crl())
    card = authority.issue()
    record = {**Trust(folder.folders).validate(card.der, pki.NOW).record(), "crls": []}
    with pytest.raises(Refused, match="revocation_unavailable"):
        restored(record, {}, tmp_path / "again").validate(card.der, pki.NOW)


def test_ocsp_policies_and_silence_are_told(tmp_path: Path) -> None:
    made, folder = YamlPki(_made(tmp_path / "made")), pki.TrustFolder(tmp_path / "trust")
    (folder.folders.anchors / "root.cer").write_bytes(made.certificate("root"))
    (folder.folders.intermediates / "answers.cer").write_bytes(made.certificate("answers"))
    folder.crl(made.crl("root"))
    (folder.folders.crls / "answered.ocsp").write_bytes(made.answer("answers", "answered"))
    found = Trust(folder.folders).validate(made.certificate("answered"), pki.NOW)
    record, data = json.loads(json.dumps(found.record())), dict(found.data())
    assert len(data) == 2
    again = restored(record, data, tmp_path / "again").validate(made.certificate("answered"), pki.NOW)
    assert again.record() == record
    told = found._replace(policies=("1.2.3",), unlisted=True).record()
    assert (told["policies"], told["withoutRevocation"]) == (["1.2.3"], True)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_an_expired_cards_hand_over_is_judged_again(tmp_path: Path) -> None:
    authority, folder, expiry = pki.Authority(), pki.TrustFolder(tmp_path / "trust"), pki.NOW - timedelta(days=20)
    folder.anchor(authority)
    folder.crl(authority.crl())
    folder.past_crl(authority.crl(since=expiry - timedelta(days=1), until=expiry + timedelta(days=6), number=5))
    card = authority.issue(since=expiry - timedelta(days=900), until=expiry)
    found = Trust(folder.folders).validate_expired(card.der, pki.NOW)
    assert len(found.data()) == 2
    again = restored(found.record(), dict(found.data()), tmp_path / "again").validate_expired(card.der, pki.NOW)
    assert again.record() == found.record()


# What PKITS has of lists in unusual places: signed by other keys and other CAs, in parts, with deltas.
UNUSUAL = [
    case
    for case in pkits.cases()
    if case.valid and any(word in case.name for word in ("CRL", "cRL", "SelfIssued", "distribution", "Reasons"))
]


@pytest.mark.parametrize("case", UNUSUAL, ids=[case.name for case in UNUSUAL])
def test_unusual_lists_are_all_kept(case: Case) -> None:
    """Of everything that is in the suite, the evidence picks what the path needs."""
    leaf = asn1_x509.Certificate.load(case.leaf)
    material = pkits.material(leaf)
    chain = paths.find(material, case.leaf, pkits.NOW, case.rules, Deadline(60))
    kept = evidence.of(chain, material, pkits.NOW)
    others = tuple(asn1_x509.Certificate.load(each) for each in (*kept.chain[1:-1], *kept.others))
    alone = Material(None, material.anchors, others, kept.crls)
    again = paths.find(alone, case.leaf, pkits.NOW, case.rules, Deadline(60))
    assert [each.dump() for each in again] == list(kept.chain)
