"""NIST's PKITS: certificate paths, and the suite's S/MIME messages with the certificates and lists that they bring."""

from __future__ import annotations

import email
import hashlib
from email.message import Message
from importlib.metadata import version
from typing import Any, cast

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from portal.refusals import Refused
from portal.signatures import algorithms, paths
from portal.signatures.cms import load
from portal.signatures.paths import Deadline, Rules
from portal.signatures.trust_folders import STUMBLES, Material
from portal.verification import document
from tests.unit import pkits
from tests.unit.pkits import Case

CASES = pkits.cases()
# A list signed with a key whose DSA parameters are its issuer's, which the validator cannot verify. Ours takes no DSA.
_UNSUPPORTED = "ValidDSAParameterInheritanceTest5"
_BY_DSA = ("ValidDSASignaturesTest4", _UNSUPPORTED)
_GENEROUS = 60.0
_PKCS1 = "1.2.840.113549.1.1.1"
# A few messages have other names than their certificates.
_MESSAGES = {
    "AllCertificatesanyPolicyTest11": "AllCertificatesAnyPolicyTest11",
    "InvalidDNnameConstraintsTest20": "InvalidSelfIssuedDNnameConstraintsTest20",
    "InvalidMissingCRLTest1": "MissingCRLTest1",
    "InvalidNameChainingTest1": "InvalidNameChainingEETest1",
    "InvalidonlyContainsCACertsTest12": "InvalidonlyContainsCACertsCRLTest12",
    "InvalidonlyContainsUserCertsTest11": "InvalidonlyContainsUserCertsCRLTest11",
    **{f"InvalidrequireExplicitPolicyTest{n}": f"InvalidRequireExplicitPolicyTest{n}" for n in (3, 5)},
    **{f"ValidrequireExplicitPolicyTest{n}": f"ValidRequireExplicitPolicyTest{n}" for n in (1, 2, 4)},
    "ValidCertificatePathTest1": "ValidSignaturesTest1",
    "ValidDNnameConstraintsTest19": "ValidSelfIssuedDNnameConstraintsTest19",
    "ValidNameUIDsTest6": "ValidNameChainingUIDsTest6",
    "ValidonlyContainsCACertsTest13": "ValidonlyContainsCACertsCRLTest13",
}


def holds(material: Material, leaf: bytes, rules: Rules) -> bool:
    try:
        paths.find(material, leaf, pkits.NOW, rules, Deadline(_GENEROUS))
    except (ValidationError, PathBuildingError, *STUMBLES):
        return False
    return True


def test_the_data_are_those_of_the_library_that_is_used() -> None:
    assert version("cryptography-vectors") == version("cryptography")
    assert len(CASES) == 247
    assert len({case.name for case in CASES}) == 224


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case.name}" for number, case in enumerate(CASES)])
def test_every_path_as_the_suite_says(case: Case) -> None:
    material = pkits.material(asn1_x509.Certificate.load(case.leaf))
    assert holds(material, case.leaf, case.rules) is (case.valid and case.name != _UNSUPPORTED)


# Serial numbers below zero stand in the suite; the ladder refuses them before this parser sees them.
@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
def test_every_message_as_the_suite_says() -> None:
    """By the default inputs, since a message has none of its own; those that need others are not judged."""
    judged = {case.name: case for case in CASES if case.plain}
    found = {name: _message_holds(_message(name), case.rules) for name, case in judged.items()}
    wrong = {name: held for name, held in found.items() if held is not judged[name].valid}
    assert len(judged) == 215
    assert wrong == dict.fromkeys(_BY_DSA, False)


def _message(name: str) -> Message:
    path = pkits.FOLDER / "smime" / f"Signed{_MESSAGES.get(name, name)}.eml"
    return email.message_from_bytes(path.read_bytes())


def _message_holds(message: Message, rules: Rules) -> bool:
    """Signature and path, as a verifier that takes S/MIME would; ours wants the certificate's hash signed as well."""
    text, signature = cast(list[Message], message.get_payload())
    der = cast(bytes, signature.get_payload(decode=True))
    with pytest.raises(Refused):
        document.read(der, len(der))
    data = asn1_cms.ContentInfo.load(der)["content"]
    (info,) = data["signer_infos"]
    sent = [each.chosen for each in data["certificates"]]
    signer = next(each for each in sent if _is_named(each, info["sid"].chosen))
    content = text.as_bytes().replace(b"\n", b"\r\n")
    lists = tuple(pkits.crl(each.chosen.dump()) for each in data["crls"])
    authorities = tuple(each for each in sent if each is not signer and each != pkits.anchor())
    material = Material(None, pkits.material(pkits.anchor()).anchors, authorities, lists)
    return _signed(info, signer.dump(), content) and holds(material, signer.dump(), rules)


def _is_named(certificate: Any, identifier: Any) -> bool:
    wanted = identifier["issuer"].hashable, identifier["serial_number"].native
    return (certificate.issuer.hashable, certificate.serial_number) == wanted


def _signed(info: Any, signer: bytes, content: bytes) -> bool:
    (digest,) = (each["values"][0].native for each in info["signed_attrs"] if each["type"].native == "message_digest")
    signed, value = info["signed_attrs"].untag().dump(), info["signature"].native
    try:
        algorithms.verify(load(signer), _PKCS1, "sha256", value, signed)
    except Refused:
        return False
    return bool(hashlib.sha256(content).digest() == digest)
