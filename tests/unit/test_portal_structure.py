"""Whatever the shape of a certificate, a signed file or a revocation list, the portal's readers refuse it in their own
words or take it, and raise nothing else. What a CA would have signed is signed by the CA that is trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from portal.refusals import Refused
from portal.revocation import acceptance, ca_certificates, issuers, points
from portal.revocation.acceptance import Unacceptable
from portal.signatures import algorithms, certificate, cms, der
from portal.signatures.trust import Trust
from portal.signatures.trust_folders import TrustError
from portal.verification import opening
from tests.unit import generated_chains as chains
from tests.unit import portal_pki as pki
from tests.unit import structure
from tests.unit.mutations import tlv
from tests.unit.portal_forgeries import stated

# cryptography's word on changed certificates: names of no length, serial numbers below 1
pytestmark = [pytest.mark.filterwarnings("ignore:Attribute's length"), pytest.mark.filterwarnings("ignore:Parsed a")]
_PLACES = ("http://list.example",)
_ADDRESS = x509.UniformResourceIdentifier("http://list.example/ca.crl")
_SAID = (
    x509.CRLDistributionPoints([x509.DistributionPoint([_ADDRESS], None, None, None)]),
    x509.AuthorityInformationAccess(
        [x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.CA_ISSUERS, _ADDRESS)]
    ),
    x509.SubjectAlternativeName(
        [
            x509.DirectoryName(pki.subject()),
            x509.OtherName(x509.ObjectIdentifier("1.2.392.200149.8.5.5.1"), tlv(0x0C, "山田".encode())),
        ]
    ),
    x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), ["https://cps.example"])]),
)


@cache
def _authority() -> pki.Authority:
    return pki.Authority(key=pki.ec_key("structure"))


def _signed(tbs: bytes, algorithm: bytes) -> bytes:
    """A certificate or list with whatever is to be signed."""
    key = _authority().key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signature = key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    return tlv(der.SEQUENCE, tbs + algorithm + tlv(der.BIT_STRING, b"\x00" + signature))


def _resigned(file: bytes) -> Iterator[bytes]:
    """With each change of what its CA signs, signed by it."""
    tbs, algorithm, _ = der.children(der.read(file), der.SEQUENCE)
    return (_signed(each, algorithm.raw) for each in structure.changes(tbs.raw))


def _told(files: Iterable[bytes], read: Callable[[bytes], object], *own: type[Exception]) -> Counter[str]:
    """What came of each; `raised`, where it is none of the reader's own."""
    return Counter(_answer(each, read, own) for each in files)


def _answer(file: bytes, read: Callable[[bytes], object], own: tuple[type[Exception], ...]) -> str:
    try:
        read(file)
    except own:
        return "refused"
    except BaseException as error:
        # a library's panic is none of Exception
        return f"raised {type(error).__name__}: {error}, of {file.hex()}"
    return "taken"


def _check(told: Counter[str], refused: int) -> None:
    assert [each for each in told if each.startswith("raised")] == []
    assert told["refused"] > refused


@pytest.fixture
def folder(tmp_path: Path) -> pki.TrustFolder:
    made = pki.TrustFolder(tmp_path)
    made.anchor(_authority())
    made.crl(_authority().crl(666))
    return made


def test_certificates_of_another_shape_are_refused(folder: pki.TrustFolder) -> None:
    trust, card = Trust(folder.folders), _authority().issue(300, key=pki.ec_key("card"), extra=_SAID)

    def judge(leaf: bytes) -> None:
        certificate.read(leaf)
        points.allowed(leaf, _PLACES)
        issuers.allowed(leaf, _PLACES)
        trust.validate(leaf, pki.NOW)
        algorithms.verify(cms.load(leaf), "1.2.840.10045.4.3.2", "sha256", b"", b"")

    assert _answer(card.der, lambda leaf: trust.validate(leaf, pki.NOW), ()) == "taken"
    _check(_told(_resigned(card.der), judge, Refused), 100)


def test_statements_of_another_shape_are_refused() -> None:
    good = stated(_authority().issue(301, key=pki.ec_key("card")))

    def judge(file: bytes) -> None:
        certificate.read(opening.open_file(file, None, der.LARGEST).signer)

    assert _answer(good, judge, ()) == "taken"
    _check(_told(structure.changes(good), judge, Refused), 1000)


def test_lists_of_another_shape_stay_outside(folder: pki.TrustFolder) -> None:
    known = (asn1_x509.Certificate.load(_authority().certificate.public_bytes(Encoding.DER)),)
    good = _list()

    def judge(file: bytes) -> None:
        found = acceptance.judge(file, good, known, pki.NOW)
        if found is not None:
            found.names(5)

    assert _answer(good, judge, ()) == "taken"
    _check(_told(_resigned(good), judge, Unacceptable), 100)


def test_with_a_list_of_another_shape_a_certificate_is_judged_or_the_file_named(folder: pki.TrustFolder) -> None:
    card = _authority().issue(302, key=pki.ec_key("card"))

    def judge(file: bytes) -> None:
        folder.crl(file)
        Trust(folder.folders).validate(card.der, pki.NOW)

    assert _answer(_list(), judge, ()) == "taken"
    _check(_told(_resigned(_list()), judge, TrustError, Refused), 100)


def _list() -> bytes:
    """Of one certificate, with a reason; for users' certificates alone."""
    reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
    return chains.crl(_authority(), chains.point(users=True), entry=reason, revoked=range(5, 6))


def test_ca_certificates_of_another_shape_are_no_issuers() -> None:
    between = pki.Authority(x509.Name.from_rfc4514_string("CN=Sub,C=JP"), pki.ec_key("sub"), _authority())
    leaf, good = between.issue(303, key=pki.ec_key("card")).der, between.certificate.public_bytes(Encoding.DER)

    def judge(file: bytes) -> None:
        if ca_certificates.issuer_of(leaf, ca_certificates.read(file), pki.NOW) is None:
            raise Unacceptable

    assert _answer(good, judge, ()) == "taken"
    _check(_told(_resigned(good), judge, Unacceptable), 100)
    message = pkcs7.serialize_certificates([between.certificate], Encoding.DER)
    _check(_told(structure.changes(message), judge, Unacceptable), 300)


def test_ca_certificates_of_another_shape_are_named_or_judged_by(folder: pki.TrustFolder) -> None:
    between = pki.Authority(x509.Name.from_rfc4514_string("CN=Sub,C=JP"), pki.ec_key("sub"), _authority())
    leaf, good = between.issue(303, key=pki.ec_key("card")).der, between.certificate.public_bytes(Encoding.DER)
    folder.crl(between.crl(7), "sub")

    def judge(file: bytes) -> None:
        (folder.folders.intermediates / "sub.cer").write_bytes(file)
        Trust(folder.folders).validate(leaf, pki.NOW)

    assert _answer(good, judge, ()) == "taken"
    _check(_told(_resigned(good), judge, TrustError, Refused), 100)
