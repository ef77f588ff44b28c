"""Web servers and certificates for the browser ring: pages served over TLS by names that a test chooses."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

REPOSITORY: Final = Path(__file__).parents[2]
# What docs/protocol.md tells portals to say; the pages of this ring live under it.
CSP: Final = "default-src 'none'; script-src 'self'; connect-src https://localhost:* wss://localhost:*; img-src data:"
PAGE: Final = '<!doctype html><html lang="ja"><meta charset="utf-8"><title>試験</title><link rel="icon" href="data:,">'


@contextlib.asynccontextmanager
async def served(app: web.Application, tls: ssl.SSLContext | None, port: int = 0) -> AsyncIterator[int]:
    """Serves `app` on 127.0.0.1 and gives the port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def pages(frames: str = "'none'") -> web.Application:
    """An empty page at every path, and the client as portals serve it. `frames`: whose pages they may hold."""

    async def page(_request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": f"{CSP}; frame-src {frames}"}
        return web.Response(text=PAGE, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_static("/client", REPOSITORY / "client")
    app.router.add_get("/{path:.*}", page)
    return app


def web_site(directory: Path, hosts: Sequence[str]) -> tuple[bytes, ssl.SSLContext]:
    """A root (DER) that stands for the public web's, and a TLS context for `hosts` under it."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name("Public web stand-in for tests")
    authority = x509.BasicConstraints(ca=True, path_length=0)
    root = _builder(root_name, root_name, root_key).add_extension(authority, critical=True)
    leaf = (
        _builder(_name(hosts[0]), root_name, key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    file = directory / f"{hosts[0]}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + leaf.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return root.sign(root_key, hashes.SHA256()).public_bytes(Encoding.DER), context


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
