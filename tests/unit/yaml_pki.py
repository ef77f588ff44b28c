"""The PKI of portal_paths.yml, made by certomancer: certificates, lists, OCSP responses."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import yaml
from asn1crypto import ocsp
from certomancer import CertomancerConfig
from certomancer.registry import ArchLabel, CertLabel, PKIArchitecture, ServiceLabel
from cryptography.hazmat.primitives import serialization

from tests.unit import portal_pki as pki

_FILE = Path(__file__).with_name("portal_paths.yml")


class YamlPki:
    """One architecture of the file, with new EC keys below `folder`."""

    def __init__(self, folder: Path) -> None:
        table = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
        (folder / "keys").mkdir()
        for name in table["keysets"]["keys"]["keys"]:
            _write_key(folder / "keys" / f"{name}.pem", name)
        config = CertomancerConfig(table, key_search_dir=str(folder))
        self._architecture: PKIArchitecture = config.get_pki_arch(ArchLabel("agency"))

    def certificate(self, name: str) -> bytes:
        return bytes(self._architecture.get_cert(CertLabel(name)).dump())

    def crl(self, name: str, at: datetime = pki.NOW) -> bytes:
        return bytes(self._architecture.service_registry.get_crl(ServiceLabel(name), at).dump())

    def answer(self, service: str, name: str, at: datetime = pki.NOW) -> bytes:
        """The OCSP response of a responder on a certificate."""
        certificate = self._architecture.get_cert(CertLabel(name))
        issuer = self._architecture.get_cert(CertLabel("answers"))
        asked = ocsp.CertId(
            {
                "hash_algorithm": {"algorithm": "sha1"},  # names the issuer, signs nothing
                "issuer_name_hash": issuer.subject.sha1,
                "issuer_key_hash": issuer.public_key.sha1,
                "serial_number": certificate.serial_number,
            }
        )
        request = ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": asked}]}})
        responder = self._architecture.service_registry.summon_responder(ServiceLabel(service), at_time=at)
        return bytes(responder.build_ocsp_response(request).dump())


def _write_key(path: Path, name: str) -> None:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pki.ec_key(f"yaml {name}").private_bytes(*form))
