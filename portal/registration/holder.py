"""Whose visit it is: the card that logged in."""

from __future__ import annotations

from portal.refusals import Refused
from portal.signatures import certificate
from portal.signatures.certificate import CertificateView
from portal.store import Owner, Session


def owner(session: Session) -> Owner:
    """Whose drafts and registration a visit is about. Raises Refused (login_required)."""
    return Owner(certificate.fingerprint(_certificate(session)), session.category)


def card(session: Session) -> CertificateView:
    """What the pages show of the card that logged in. Raises Refused (login_required)."""
    return certificate.read(_certificate(session))


def _certificate(session: Session) -> bytes:
    if session.certificate is None:
        raise Refused("login_required")
    return session.certificate
