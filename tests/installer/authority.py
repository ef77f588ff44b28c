"""A test authority for code signing, and a time-stamping one (RFC 3161) on loopback: both are `openssl`."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from tests.virtual.piv import Key

PASSWORD: Final = "correct horse"
SIGNER: Final = "Test Signer"
_TSA: Final = """[tsa]
default_tsa = stamp
[stamp]
serial = serial
signer_cert = stamp.pem
certs = root.pem
signer_key = stamp.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
_DAYS: Final = {"signer": 1, "stamp": 3650}
_USES: Final = {"signer": "codeSigning", "stamp": "critical,timeStamping"}


class Authority:
    """In `folder`: root.pem; the signer as signer.pem, .key and .p12 (under PASSWORD); the time stamps' stamp.pem."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", "root.key", "-out", "root.pem",
                      "-days", "3650", "-subj", "/CN=Test Root")  # fmt: skip
        self._issue("signer", SIGNER)
        self._issue("stamp", "Test Time")
        (folder / "password").write_text(PASSWORD + "\n", encoding="ascii")
        self._openssl("pkcs12", "-export", "-inkey", "signer.key", "-in", "signer.pem", "-certfile", "root.pem",
                      "-out", "signer.p12", "-passout", "file:password")  # fmt: skip
        (folder / "tsa.cnf").write_text(_TSA, encoding="ascii")
        (folder / "serial").write_text("01", encoding="ascii")

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def stamped(self, query: bytes) -> bytes:
        """The reply to a time-stamp query, both DER."""
        (self.folder / "query").write_bytes(query)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def key(self) -> Key:
        """The signer's, as a token takes it."""
        private = load_pem_private_key((self.folder / "signer.key").read_bytes(), None)
        certificate = load_pem_x509_certificate((self.folder / "signer.pem").read_bytes())
        assert isinstance(private, RSAPrivateKey)
        return Key(private, certificate.public_bytes(Encoding.DER))

    def _issue(self, name: str, subject: str) -> None:
        (self.folder / "extensions").write_text(
            f"keyUsage=critical,digitalSignature\nextendedKeyUsage={_USES[name]}\n", encoding="ascii"
        )
        self._openssl("req", "-newkey", "rsa:2048", "-noenc", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                      "-subj", f"/CN={subject}")  # fmt: skip
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "root.pem", "-CAkey", "root.key",
                      "-days", str(_DAYS[name]), "-out", f"{name}.pem", "-extfile", "extensions")  # fmt: skip

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)


@contextlib.contextmanager
def time_stamps(authority: Authority) -> Iterator[str]:
    """Its URL, while it answers."""

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reply = authority.stamped(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
