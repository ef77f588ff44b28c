"""What a yes rests on, complete: with it alone a path can be judged again when the folders have changed."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from asn1crypto import x509 as asn1_x509

from portal.signatures.paths import Chain
from portal.signatures.trust_folders import Crl, Material, Response


class Evidence(NamedTuple):
    """The chain from leaf to anchor (DER), the revocation data consulted, the server's time.

    `others`: CA certificates beside the chain that may have signed the lists. `policies`: those that were demanded.
    `judged_at` is set where the path was validated at another moment: for an expired certificate the last of its
    validity; within a grace (`grace_hours`, of the anchor's) the last at which there was a current list.
    `unlisted`: the leaf's issuer publishes nothing on revocation, which the agency's settings say. `waits`: revocation
    could not be told, and is asked for again.
    """

    chain: tuple[bytes, ...]
    crls: tuple[Crl, ...]
    time: datetime
    judged_at: datetime | None = None
    responses: tuple[Response, ...] = ()
    others: tuple[bytes, ...] = ()
    policies: tuple[str, ...] = ()
    unlisted: bool = False
    grace_hours: int | None = None
    waits: bool = False

    def record(self) -> dict[str, Any]:
        """As JSON: certificates in base64; revocation lists and OCSP responses by SHA-256 and dates."""
        return {
            "chain": _base64(self.chain),
            "crls": [_crl_record(crl) for crl in self.crls],
            **({"ocsp": [_response_record(each) for each in self.responses]} if self.responses else {}),
            **({"otherCertificates": _base64(self.others)} if self.others else {}),
            **({"policies": list(self.policies)} if self.policies else {}),
            **({"withoutRevocation": True} if self.unlisted else {}),
            **({"revocation": "waits"} if self.waits else {}),
            "verifiedAt": self.time.isoformat(),
            **({"judgedAt": self.judged_at.isoformat()} if self.judged_at else {}),
            **({"expired": True} if self.judged_at and self.grace_hours is None else {}),
            **({} if self.grace_hours is None else {"graceHours": self.grace_hours}),
        }

    def data(self) -> Mapping[str, bytes]:
        """What the record names by SHA-256 (hex): lists and OCSP responses, DER."""
        lists = {crl.sha256: crl.der for crl in self.crls}
        return lists | {response.sha256: response.der for response in self.responses}


def of(chain: Chain, material: Material, time: datetime) -> Evidence:
    """The chain with everything of the trust folders that may have had a say in its revocation."""
    names = {each.issuer.hashable for each in chain[:-1]} | _list_issuers(chain[:-1])
    others: list[asn1_x509.Certificate] = []
    while found := [each for each in material.intermediates if each.subject.hashable in names and each not in others]:
        # A list may be signed by a certificate of its own, whose revocation is asked for again.
        others += found
        names |= {each.issuer.hashable for each in found} | _list_issuers(found)
    serials = {each.serial_number for each in (*chain[:-1], *others)}
    kept = tuple(each.dump() for each in chain)
    return Evidence(
        chain=kept,
        crls=tuple(crl for crl in material.crls if crl.issuer in names),
        time=time,
        responses=tuple(each for each in material.responses if each.serials & serials),
        others=tuple(der for each in others if (der := each.dump()) not in kept),
    )


def _list_issuers(certificates: Iterable[asn1_x509.Certificate]) -> set[str]:
    """Who signs lists in an issuer's place (cRLIssuer, RFC 5280 §4.2.1.13)."""
    points = [point for each in certificates for point in each.crl_distribution_points_value or []]
    names = [name for point in points for name in point["crl_issuer"] or []]
    return {name.chosen.hashable for name in names if name.name == "directory_name"}


def _base64(certificates: tuple[bytes, ...]) -> list[str]:
    return [base64.b64encode(certificate).decode() for certificate in certificates]


def _crl_record(crl: Crl) -> dict[str, Any]:
    return {
        "sha256": crl.sha256,
        "number": crl.number,
        "thisUpdate": crl.this_update.isoformat(),
        "nextUpdate": crl.next_update.isoformat() if crl.next_update else None,
    }


def _response_record(response: Response) -> dict[str, Any]:
    return {
        "sha256": response.sha256,
        "thisUpdate": response.this_update.isoformat(),
        "nextUpdate": response.next_update.isoformat() if response.next_update else None,
    }
