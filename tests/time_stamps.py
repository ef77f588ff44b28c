"""A time-stamping authority (RFC 3161) of a generated chain, on loopback: what it answers well is openssl's."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.unit.portal_pki import usage

PURPOSE: Final = ExtendedKeyUsageOID.TIME_STAMPING
POLICY: Final = "1.2.3.4.1"
MEDIA_TYPE: Final = "application/timestamp-reply"
_CONFIGURATION: Final = f"""[tsa]
default_tsa = stamp
[stamp]
serial = serial
signer_cert = stamp.pem
certs = issuing.pem
signer_key = stamp.key
signer_digest = sha256
default_policy = {POLICY}
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Pair(NamedTuple):
    certificate: x509.Certificate
    key: PrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def issued(
    name: str,
    issuer: Pair | None,
    purposes: tuple[x509.ObjectIdentifier, ...] | None = (PURPOSE,),
    *,
    critical: bool = True,
    days: tuple[float, float] = (-30, 30),
    key: PrivateKey | None = None,
) -> Pair:
    """`purposes`: of a stamper; None makes a CA. `days`: validity from now."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start, end = (datetime.now(UTC) + timedelta(days=each) for each in days)
    builder = x509.CertificateBuilder(
        issuer.certificate.subject if issuer else named,
        named,
        own.public_key(),
        x509.random_serial_number(),
        start,
        end,
    ).add_extension(x509.BasicConstraints(purposes is None, None), critical=True)
    if purposes is None:
        builder = builder.add_extension(usage(key_cert_sign=True, crl_sign=True), critical=True)
    else:
        builder = builder.add_extension(usage(digital_signature=True), critical=True)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    return Pair(builder.sign(issuer.key if issuer else own, hashes.SHA256()), own)


class Authority:
    """In `folder`: root.pem, issuing.pem and stamp.pem, of one chain; `trust/` holds the root alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.root = issued("Test Time Root", None, None)
        self.issuing = issued("Test Time Issuing", self.root, None)
        self.stamper = issued("Test Time", self.issuing)
        for name, pair in (("root", self.root), ("issuing", self.issuing), ("stamp", self.stamper)):
            (folder / f"{name}.pem").write_bytes(pair.certificate.public_bytes(Encoding.PEM))
        private = self.stamper.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "stamp.key").write_bytes(private)
        (folder / "tsa.cnf").write_text(_CONFIGURATION, encoding="ascii")
        (folder / "serial").write_text("01", encoding="ascii")
        self.trust = folder / "trust"
        self.trust.mkdir()
        (self.trust / "root.pem").write_bytes(self.root.certificate.public_bytes(Encoding.PEM))
        self._turn = threading.Lock()

    def trust_folders(self, folder: Path, *revoked: Pair) -> Path:
        """As `card-bridge verify --trust` takes them below `timestamps`: anchors, intermediates, crls."""
        for kind, names in (("anchors", ("root",)), ("intermediates", ("issuing",))):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            for name in names:
                (folder / kind / f"{name}.pem").write_bytes((self.folder / f"{name}.pem").read_bytes())
        (folder / "crls").mkdir(exist_ok=True)
        (folder / "crls" / "root.pem").write_bytes(revocation_list(self.root))
        (folder / "crls" / "issuing.pem").write_bytes(revocation_list(self.issuing, *revoked))
        return folder

    def reply(self, query: bytes) -> bytes:
        """openssl's reply to a query, both DER."""
        with self._turn:
            (self.folder / "query").write_bytes(query)
            self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
            return (self.folder / "reply").read_bytes()

    def holds(self, token: bytes, digest: bytes, hash_: str = "sha256") -> bool:
        """Whether `openssl ts -verify` takes a token for this digest."""
        (self.folder / "token").write_bytes(token)
        named = ("-in", "token", "-token_in", "-digest", digest.hex(), f"-{hash_}", "-CAfile", "root.pem")
        command = ["openssl", "ts", "-verify", *named, "-untrusted", "issuing.pem"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, check=False).returncode == 0

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


def revocation_list(issuer: Pair, *revoked: Pair) -> bytes:
    """PEM, current for a month."""
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder(
        issuer.certificate.subject, now - timedelta(days=1), now + timedelta(days=30)
    ).add_extension(x509.CRLNumber(1), critical=False)
    for each in revoked:
        entry = x509.RevokedCertificateBuilder(each.certificate.serial_number, now - timedelta(hours=1)).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.PEM)


class Answer(NamedTuple):
    """What the desk says over HTTP; `wait`: seconds before that, less when it closes."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", MEDIA_TYPE),)
    wait: float = 0.0


class Desk:
    """Where it is asked. `answer` can be exchanged; `asked` keeps the queries."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.answer: Callable[[bytes], Answer] = self.well
        self.asked: list[bytes] = []
        self.url = ""
        self.closing = threading.Event()

    def well(self, query: bytes) -> Answer:
        return Answer(self.authority.reply(query))


@contextlib.contextmanager
def desk(authority: Authority) -> Iterator[Desk]:
    """The authority's desk, while it answers."""
    found = Desk(authority)

    class Clerk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            found.asked.append(query)
            answer = found.answer(query)
            found.closing.wait(answer.wait)
            self.send_response(answer.status)
            for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # who was told too much hangs up
                self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Clerk) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/stamp"
        serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        try:
            yield found
        finally:
            found.closing.set()
            server.shutdown()
            serving.join()
