"""Which card may take another's place. Pure: whether a certificate is good is for trust.py."""

from __future__ import annotations

from collections.abc import Callable

from portal.refusals import Refused
from portal.registration import names
from portal.registration.names import Likeness
from portal.signatures.certificate import CertificateView


def check_successor(old: CertificateView, new: CertificateView) -> None:
    """Raises Refused: new_card_same, new_card_other_company, new_card_other_holder."""
    if new.sha256 == old.sha256:
        raise Refused("new_card_same")
    if not _match(old.organization, new.organization, names.same_company):
        raise Refused("new_card_other_company")
    if not _match(old.holder, new.holder, _same_person):
        raise Refused("new_card_other_holder")


def outlives(old: CertificateView, new: CertificateView) -> bool:
    """Whether the new card is valid beyond the old one; else somebody may have mixed them up."""
    return new.not_after > old.not_after


def _same_person(old: str, new: str) -> bool:
    # In another script nothing can be compared: that is no yes.
    return names.likeness(old, new) in (Likeness.SAME, Likeness.VARIANT)


def _match(old: str | None, new: str | None, same: Callable[[str, str], bool]) -> bool:
    # A card of a person alone names no company; then neither may the other.
    return old is new is None or (old is not None and new is not None and same(old, new))
