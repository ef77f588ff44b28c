"""NIST's PKITS (Public Key Interoperability Test Suite 1.0.1, 2011) from cryptography's own vectors.

The suite's document names inputs and the result of each test; where a test is to be run with several inputs, they stand
in `_INPUTS`. Everything else is told by the files' names: Valid… and Invalid…, with the default inputs.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cryptography_vectors
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.policy_decl import DisallowWeakAlgorithmsPolicy, PKIXValidationParams

from portal.signatures import floors
from portal.signatures.paths import Rules
from portal.signatures.trust_folders import Crl, Material

FOLDER = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
NOW = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)
ANCHOR = "TrustAnchorRootCertificate"
# Ours never takes DSA, which a few tests of the suite are on: for these alone it is allowed.
_WITH_DSA = DisallowWeakAlgorithmsPolicy(frozenset({"md2", "md5"}), dsa_key_size_threshold=1024)

_POLICIES = {number: f"2.16.840.1.101.3.2.1.48.{number}" for number in range(1, 8)}
_EXPLICIT, _NO_MAPPING, _NO_ANY = "explicit", "no mapping", "no any"
Inputs = tuple[frozenset[int | str], bool]
"""Policies of the initial set by number, and settings by name; whether the path is valid then."""


def _given(valid: bool, *words: int | str) -> Inputs:
    return frozenset(words), valid


# PKITS 4.8, 4.10 and 4.12
_INPUTS: dict[str, tuple[Inputs, ...]] = {
    "AllCertificatesSamePolicyTest1": (
        _given(True, _EXPLICIT),
        _given(True, _EXPLICIT, 1),
        _given(False, _EXPLICIT, 2),
        _given(True, _EXPLICIT, 1, 2),
    ),
    "AllCertificatesNoPoliciesTest2": (_given(True), _given(False, _EXPLICIT)),
    "DifferentPoliciesTest3": (_given(True), _given(False, _EXPLICIT), _given(False, _EXPLICIT, 1, 2)),
    "DifferentPoliciesTest4": (_given(False),),
    "DifferentPoliciesTest5": (_given(False),),
    "OverlappingPoliciesTest6": (_given(True), _given(True, 1), _given(False, 2)),
    "DifferentPoliciesTest7": (_given(False),),
    "DifferentPoliciesTest8": (_given(False),),
    "DifferentPoliciesTest9": (_given(False),),
    "AllCertificatesSamePoliciesTest10": (_given(True), _given(True, 1), _given(True, 2)),
    "AllCertificatesanyPolicyTest11": (_given(True), _given(True, 1)),
    "DifferentPoliciesTest12": (_given(False),),
    "AllCertificatesSamePoliciesTest13": (_given(True, 1), _given(True, 2), _given(True, 3)),
    "AnyPolicyTest14": (_given(True, 1), _given(False, 2)),
    "UserNoticeQualifierTest15": (_given(True),),
    "UserNoticeQualifierTest16": (_given(True),),
    "UserNoticeQualifierTest17": (_given(True),),
    "UserNoticeQualifierTest18": (_given(True, 1), _given(True, 2)),
    "UserNoticeQualifierTest19": (_given(True),),
    "CPSPointerQualifierTest20": (_given(True),),
    "ValidPolicyMappingTest1": (_given(True, 1), _given(False, 2), _given(False, 1, _NO_MAPPING)),
    "InvalidPolicyMappingTest2": (_given(False), _given(False, _NO_MAPPING)),
    "ValidPolicyMappingTest3": (_given(False, 1), _given(True, 2)),
    "ValidPolicyMappingTest5": (_given(True, 1), _given(False, 6)),
    "ValidPolicyMappingTest6": (_given(True, 1), _given(False, 6)),
    "ValidPolicyMappingTest12": (_given(True, 1), _given(True, 2)),
    "inhibitAnyPolicyTest3": (_given(True), _given(False, _NO_ANY)),
}


class Case(NamedTuple):
    """One test with one set of inputs: certificate (DER), rules, and whether the suite says valid."""

    name: str
    leaf: bytes
    rules: Rules
    valid: bool
    plain: bool  # the default inputs


def cases() -> list[Case]:
    """Every test of the suite that is on certificates and revocation lists alone: all of them."""
    files = {path.stem.removesuffix("EE"): path for path in sorted((FOLDER / "certs").glob("*EE.crt"))}
    files["AllCertificatesSamePolicyTest1"] = files["ValidCertificatePathTest1"]  # one certificate, two tests
    return [case for name, path in files.items() for case in _cases(name, path)]


def _cases(name: str, path: Path) -> list[Case]:
    inputs = _INPUTS.get(name) or (_given(not name.startswith("Invalid")),)
    assert name in _INPUTS or name.startswith(("Valid", "Invalid")), name
    return [Case(name, path.read_bytes(), _rules(name, words), valid, not words) for words, valid in inputs]


def _rules(name: str, words: frozenset[int | str]) -> Rules:
    policies = frozenset(_POLICIES[word] for word in words if isinstance(word, int))
    return Rules(
        PKIXValidationParams(
            user_initial_policy_set=policies or frozenset({"any_policy"}),
            initial_explicit_policy=_EXPLICIT in words,
            initial_policy_mapping_inhibit=_NO_MAPPING in words,
            initial_any_policy_inhibit=_NO_ANY in words,
        ),
        _WITH_DSA if "DSA" in name else floors.Algorithms(),
    )


@cache
def authorities() -> tuple[tuple[bytes, asn1_x509.Certificate], ...]:
    """Each as it is in the suite, and parsed: asn1crypto writes a unique identifier with unused bits (one of the
    suite's) otherwise than it read it, from its first dump on, so that a parsed one is good for one path."""
    files = sorted((FOLDER / "certs").glob("*.crt"))
    names = (path for path in files if not path.stem.endswith("EE") and path.stem != ANCHOR)
    return tuple((path.read_bytes(), _certificate(path)) for path in names)


@cache
def anchor() -> asn1_x509.Certificate:
    return _certificate(FOLDER / "certs" / f"{ANCHOR}.crt")


@cache
def lists() -> tuple[Crl, ...]:
    return tuple(crl(path.read_bytes()) for path in sorted((FOLDER / "crls").glob("*.crl")))


def crl(der: bytes) -> Crl:
    """As the trust folders load it; a list that cryptography's parser refuses is left to the validator."""
    parsed = asn1_crl.CertificateList.load(der, strict=True)
    times = parsed["tbs_cert_list"]
    loaded: Any = None
    with suppress(ValueError):
        loaded = x509.load_der_x509_crl(der)
    since, until = times["this_update"].native, times["next_update"].native
    return Crl(der, parsed.sha256.hex(), parsed.issuer.hashable, None, since, until, parsed, loaded)


def _certificate(path: Path) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(path.read_bytes(), strict=True)


def material(leaf: asn1_x509.Certificate) -> Material:
    """What the suite gives beside a certificate: all CAs that names lead to, and all of their lists."""
    names = {leaf.issuer.hashable}
    while True:
        raw = [der for der, each in authorities() if each.subject.hashable in names]
        found = [asn1_x509.Certificate.load(der, strict=True) for der in raw]
        more = names | {each.issuer.hashable for each in found} | _list_issuers([leaf, *found])
        if more == names:
            break
        names = more
    return Material(
        None,
        (CertTrustAnchor(anchor(), derive_default_quals_from_cert=True),),
        tuple(found),
        tuple(each for each in lists() if each.issuer in names),
    )


def _list_issuers(certificates: list[asn1_x509.Certificate]) -> set[str]:
    """Who signs lists for another CA (cRLIssuer of the distribution points)."""
    found: set[str] = set()
    for certificate in certificates:
        for point in certificate.crl_distribution_points_value or []:
            found |= {name.chosen.hashable for name in point["crl_issuer"] or [] if name.name == "directory_name"}
    return found
