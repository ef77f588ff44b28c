"""Documents by every kind of key, mechanism and hash: CAdES judged by openssl, raw values too."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Mechanism

from tests.flow.bridge import ORIGIN, Bridge, prepare
from tests.flow.documents import SIZES, document, opened, verifies
from tests.virtual import pki, softhsm
from tests.virtual.piv import Key
from tests.virtual.softhsm import Held
from tests.virtual.vendor import Vendor

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIN = "Zq7-xW93kLmP"
DATA = b"%PDF-1.7\r\n\x00\xff"


class Bench(NamedTuple):
    bridge: Bridge
    vendor: Vendor
    keys: dict[str, Key]
    anchor: Path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bench]:
    root, now = tmp_path_factory.mktemp("documents"), datetime.now(UTC)
    authority, hsm = pki.Authority.fresh(now), softhsm.SoftHsm(root)
    keys = {
        "rsa": pki.card_key(authority, pki.rsa_key(), now),
        "p256": pki.card_key(authority, pki.ec_key(), now, serial=122),
        "p384": pki.card_key(authority, pki.ec_key(ec.SECP384R1()), now, serial=123),
    }
    hsm.add("test", PIN, *map(Held, keys.values()))
    anchor = root / "ca.pem"
    anchor.write_bytes(authority.pem())
    with pytest.MonkeyPatch.context() as patch:
        for name, value in hsm.environment.items():
            patch.setenv(name, value)
        patch.setenv("PCSCLITE_CSOCK_NAME", str(root / "none"))  # other tests' readers are not this daemon's
        bridge, vendor = prepare(root / "bridge"), Vendor(root)
        card = {"practice": False, "modules": [str(vendor.library)]}
        await bridge.start(card=card, origins={"raw": [ORIGIN]})
        try:
            yield Bench(bridge, vendor, keys, anchor)
        finally:
            await bridge.stop()


async def signed(bench: Bench, name: str, *documents: dict[str, Any]) -> list[dict[str, Any]]:
    bench.bridge.fresh_card()
    bench.bridge.plan(f"pin {PIN}")
    async with bench.bridge.page() as page:
        listed = (await page.result("certificates", {"all": True}))["certificates"]
        der = base64.b64encode(bench.keys[name].certificate).decode()
        (wanted,) = (each["id"] for each in listed if each["der"] == der)
        params = {"certificate": wanted, "action": "提出", "documents": [*documents]}
        return list((await page.result("sign", params))["signatures"])


@pytest.mark.parametrize(
    ("name", "mechanism", "scheme"),
    [
        ("rsa", Mechanism.RSA_PKCS, "RSASSA-PKCS1-v1_5"),
        ("rsa", Mechanism.RSA_X_509, "RSASSA-PKCS1-v1_5"),
        ("rsa", Mechanism.RSA_PKCS_PSS, "RSASSA-PSS"),
        ("p256", Mechanism.ECDSA, "ECDSA"),
        ("p384", Mechanism.ECDSA, "ECDSA"),
    ],
)
async def test_every_hash_in_every_format(
    bench: Bench, name: str, mechanism: Mechanism, scheme: str, tmp_path: Path
) -> None:
    bench.vendor.offer(mechanism)
    wanted = [
        document(DATA, format_, hash=used) for used in SIZES for format_ in ("cades-detached", "cades-attached", "raw")
    ]
    made = await signed(bench, name, *wanted)
    assert {each["algorithm"] for each in made} == {scheme}
    for each, asked in zip(made, wanted, strict=True):
        value = base64.b64decode(each["signature"])
        assert each["hash"] == asked["hash"]
        match asked["format"]:
            case "raw":
                assert verifies(tmp_path, bench.keys[name].certificate, DATA, each)
            case "cades-attached":
                assert opened(tmp_path, bench.anchor, value) == DATA
            case _:
                assert opened(tmp_path, bench.anchor, value, DATA) == DATA


@pytest.mark.parametrize(
    ("name", "used", "mechanism"),
    [
        ("rsa", "SHA-384", Mechanism.SHA384_RSA_PKCS),
        ("rsa", "SHA-512", Mechanism.SHA512_RSA_PKCS_PSS),
    ],
)
async def test_a_token_that_hashes_by_itself(
    bench: Bench, name: str, used: str, mechanism: Mechanism, tmp_path: Path
) -> None:
    bench.vendor.offer(mechanism)
    (made,) = await signed(bench, name, document(DATA, hash=used))
    assert opened(tmp_path, bench.anchor, base64.b64decode(made["signature"]), DATA) == DATA
