"""From page to agency: statements by RSA-PSS and on P-384, judged by openssl and by the portal's reader."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import Mechanism

from bridge.card.signature.algorithms import SignatureAlgorithm
from portal.signatures import cms
from tests.card import openssl
from tests.flow.bridge import Bridge, prepare, statement
from tests.virtual import pki, softhsm
from tests.virtual.piv import Key
from tests.virtual.softhsm import Held
from tests.virtual.vendor import Vendor

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIN = "Zq7-xW93kLmP"
PKCS1, PSS, ECDSA = SignatureAlgorithm.RSA_PKCS1, SignatureAlgorithm.RSA_PSS, SignatureAlgorithm.ECDSA


class Desk(NamedTuple):
    bridge: Bridge
    vendor: Vendor
    authority: pki.Authority
    keys: dict[str, Key]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    root, now = tmp_path_factory.mktemp("algorithms"), datetime.now(UTC)
    authority, hsm = pki.Authority.fresh(now), softhsm.SoftHsm(root)
    keys = {
        "rsa": pki.card_key(authority, pki.rsa_key(), now),
        "p384": pki.card_key(authority, pki.ec_key(ec.SECP384R1()), now, serial=122),
    }
    hsm.add("test", PIN, *map(Held, keys.values()))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in hsm.environment.items():
            patch.setenv(name, value)
        patch.setenv("PCSCLITE_CSOCK_NAME", str(root / "none"))  # other tests' readers are not this daemon's
        bridge, vendor = prepare(root / "bridge"), Vendor(root)
        await bridge.start(card={"practice": False, "modules": [str(vendor.library)]})
        try:
            yield Desk(bridge, vendor, authority, keys)
        finally:
            await bridge.stop()


@pytest.mark.parametrize(
    ("name", "mechanism", "algorithm"),
    [
        ("rsa", Mechanism.RSA_X_509, PKCS1),
        ("rsa", Mechanism.SHA256_RSA_PKCS_PSS, PSS),
        ("rsa", Mechanism.RSA_PKCS_PSS, PSS),
        ("p384", Mechanism.ECDSA, ECDSA),
    ],
)
async def test_a_statement_verifies_wherever_it_is_read(
    desk: Desk, name: str, mechanism: Mechanism, algorithm: SignatureAlgorithm, tmp_path: Path
) -> None:
    desk.vendor.offer(mechanism)
    desk.bridge.fresh_card()
    desk.bridge.plan(f"pin {PIN}")
    certificate = desk.keys[name].certificate
    async with desk.bridge.page() as page:
        listed = (await page.result("certificates", {"all": True}))["certificates"]
        (wanted,) = (each["id"] for each in listed if base64.b64decode(each["der"]) == certificate)
        signed = await page.result("sign", {"certificate": wanted, "statement": statement()})
    envelope = base64.b64decode(signed["statement"])
    content = openssl.opened(tmp_path, desk.authority.pem(), envelope)
    read = cms.read(envelope)
    assert cms.verify(read).public_bytes(Encoding.DER) == certificate
    assert (read.content, read.digest_alg) == (content, "sha256")
    assert envelope.count(algorithm.value) == 1 + certificate.count(algorithm.value)
