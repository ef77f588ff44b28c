"""The path from a leaf to an anchor (RFC 5280 §6) by pyhanko-certvalidator, with its traps closed. Pure.

It looks at no clock of its own accord (building paths grows exponentially with CAs of one name), keeps neither an
anchor's validity nor its path length, and leaves a leaf's critical extensions to its caller.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from asn1crypto import x509 as asn1_x509
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    AlgorithmUsageConstraint,
    AlgorithmUsagePolicy,
    CertRevTrustPolicy,
    PKIXValidationParams,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import CertificateRegistry
from pyhanko_certvalidator.validate import async_validate_path

from portal.signatures import floors
from portal.signatures.trust_folders import Material

Chain = tuple[asn1_x509.Certificate, ...]
"""From leaf to anchor."""

_REQUIRED = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
# RFC 5280 §4.2: who meets a critical extension that it does not know rejects the certificate. In a leaf these are
# either processed on the path or say nothing that a signature could break (who may be asked for revocation, purposes).
_KNOWN = frozenset(
    {
        *("basic_constraints", "key_usage", "extended_key_usage", "certificate_policies", "crl_distribution_points"),
        *("subject_alt_name", "issuer_alt_name", "key_identifier", "authority_key_identifier"),
        *("authority_information_access", "freshest_crl", "policy_constraints", "inhibit_any_policy"),
        *("name_constraints", "policy_mappings"),
    }
)
# Which failure is told when every path has one: the most definite.
_TELLING = (RevokedError, InsufficientRevinfoError, ExpiredError, NotYetValidError)


class TimeIsUpError(Exception):
    """The deadline came before an answer."""


class Deadline:
    """A moment by a monotonic clock (seconds) after which a validation ends, whatever it is doing."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds; 0 when there are none."""
        return max(0.0, self._end - self._clock())

    def check(self) -> None:
        """Raises TimeIsUpError."""
        if not self.left():
            raise TimeIsUpError


class Rules(NamedTuple):
    """How paths are judged. `unlisted`: the leaf's revocation is not asked for (its issuer publishes nothing).

    `unasked`: nobody's is, for a statement that waits until it can be.
    """

    parameters: PKIXValidationParams
    algorithms: AlgorithmUsagePolicy
    unlisted: bool = False
    unasked: bool = False


def rules(policies: tuple[str, ...]) -> Rules:
    """Ours: algorithms of floors.py; with `policies` (dotted), the whole path has to be under one of them."""
    if not policies:
        return Rules(PKIXValidationParams(), floors.Algorithms())
    wanted = PKIXValidationParams(user_initial_policy_set=frozenset(policies), initial_explicit_policy=True)
    return Rules(wanted, floors.Algorithms())


def find(material: Material, leaf: bytes, moment: datetime, rules: Rules, deadline: Deadline) -> Chain:
    """The certificates from leaf to anchor. Raises ValidationError, PathBuildingError, TimeIsUpError."""
    certificate = asn1_x509.Certificate.load(leaf, strict=True)
    if certificate.dump() != leaf:  # asn1crypto on unique identifiers with unused bits
        raise ValidationError("a certificate that cannot be kept byte by byte")
    unknown = certificate.critical_extensions - _KNOWN
    if unknown:
        raise ValidationError(f"critical extensions that are not known: {sorted(unknown)}")
    chain = asyncio.run(_first_valid(certificate, _context(material, moment, rules, deadline), rules, moment))
    deadline.check()
    return chain


def _context(material: Material, moment: datetime, rules: Rules, deadline: Deadline) -> ValidationContext:
    authority_rule = RevocationCheckingRule.NO_CHECK if rules.unasked else _REQUIRED
    leaf_rule = RevocationCheckingRule.NO_CHECK if rules.unlisted else authority_rule
    registry = _TimedRegistry.build(material.intermediates)
    registry.deadline = deadline
    return ValidationContext(
        trust_roots=material.anchors,
        certificate_registry=registry,
        crls=[crl.parsed for crl in material.crls],
        ocsps=[response.parsed for response in material.responses],
        moment=moment,
        allow_fetching=False,
        revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy(leaf_rule, authority_rule)),
        algorithm_usage_policy=_TimedAlgorithms(rules.algorithms, deadline),
    )


async def _first_valid(
    certificate: asn1_x509.Certificate, context: ValidationContext, rules: Rules, moment: datetime
) -> Chain:
    failures: list[ValidationError] = []
    async for path in context.path_builder.async_build_paths_lazy(certificate):
        try:
            _check_anchor(path, moment)
            await async_validate_path(context, path, rules.parameters)
            return tuple(reversed(list(path)))
        except ValidationError as failure:
            failures.append(failure)
    if not failures:
        raise PathBuildingError("no path")
    raise next((each for kind in _TELLING for each in failures if isinstance(each, kind)), failures[0])


def _check_anchor(path: ValidationPath, moment: datetime) -> None:
    """What the anchor's own certificate says of itself (RFC 5937 §3.2), beyond names and policies, which are derived.

    Raises ValidationError.
    """
    anchor, *below = list(path)
    if not anchor.not_valid_before <= moment <= anchor.not_valid_after:
        raise ValidationError("trust anchor outside its validity")
    if not below:  # the leaf itself is an anchor: the ladder's key usage has its say
        return
    usage = anchor.key_usage_value
    if not anchor.ca or (usage is not None and "key_cert_sign" not in usage.native):
        raise ValidationError("trust anchor that may not issue certificates")
    length = sum(each.self_issued is False for each in below[:-1])
    if anchor.max_path_length is not None and length > anchor.max_path_length:
        raise ValidationError("trust anchor's path length")


class _TimedAlgorithms(AlgorithmUsagePolicy):  # type: ignore[misc]  # the library ships no types
    """Asked before each certificate's signature, and so where a deadline is looked at."""

    def __init__(self, inner: AlgorithmUsagePolicy, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def digest_algorithm_allowed(self, algo: Any, moment: datetime | None) -> AlgorithmUsageConstraint:
        return self._inner.digest_algorithm_allowed(algo, moment)

    def signature_algorithm_allowed(
        self, algo: Any, moment: datetime | None, public_key: Any
    ) -> AlgorithmUsageConstraint:
        self._deadline.check()
        return self._inner.signature_algorithm_allowed(algo, moment, public_key)


class _TimedRegistry(CertificateRegistry):  # type: ignore[misc]  # likewise
    """Asked for the issuers of each certificate that path building comes to, the other place where time is spent."""

    deadline: Deadline

    def find_potential_issuers(self, cert: Any, trust_manager: Any) -> Iterator[Any]:
        for issuer in super().find_potential_issuers(cert, trust_manager):
            self.deadline.check()
            yield issuer
