"""Which card may be the new one: asked before its holder is asked for a PIN."""

from __future__ import annotations

from portal.renewal import rules
from portal.signatures import certificate
from portal.signatures.certificate import CertificateView
from portal.signatures.signing import Signing
from portal.store import Owner, Store, renewals


class Examination:
    """The rules for a new card over what is registered and whom the portal trusts."""

    def __init__(self, store: Store, signing: Signing) -> None:
        self._store = store
        self._signing = signing

    async def successor(self, old: CertificateView, new: bytes, category: str) -> CertificateView:
        """The new card (DER), in place of the old one in a 区分.

        Raises Refused: new_card_same, …_other_company, …_other_holder, …_registered, or what stands against its
        certificate.
        """
        card = certificate.read(new)
        rules.check_successor(old, card)
        owner = Owner(card.sha256, category)
        await self._store.read(lambda db: renewals.may_accept(db, owner, card.issuer, card.serial))
        await self._signing.examine(new)
        return card
