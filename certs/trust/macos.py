"""macOS: a keychain that holds the root and trust settings that name it, by `security`.

Safari, Chrome, Edge and (since version 120) Firefox read them. Each change asks for a password, the machine's settings
even where root makes it (since macOS 11): fleets distribute the root by a device management profile instead.
"""

from __future__ import annotations

import hashlib
import plistlib
import tempfile
from pathlib import Path
from typing import Any, Final, NamedTuple

from certs.errors import SystemStoreRefused
from certs.identity import COMMON_NAME, is_ours, short_name
from certs.scope import Scope
from certs.trust import pem, tool
from certs.trust.port import Presence

_SECURITY: Final = Path("/usr/bin/security")
_PATIENCE: Final = 300  # seconds; a person types a password
_NOT_FOUND: Final = 44  # errSecItemNotFound, as an exit status
_NO_SETTINGS: Final = "No Trust Settings"
_TRUST_ROOT: Final = 1  # kSecTrustSettingsResultTrustRoot, also what a missing result means


class Domain(NamedTuple):
    """`options`: what tells `security` the trust settings meant; `keychain`: where the certificate lies."""

    options: tuple[str, ...]
    keychain: Path


def domain(scope: Scope) -> Domain:
    if scope is Scope.MACHINE:
        return Domain(("-d",), Path("/Library/Keychains/System.keychain"))
    return Domain((), Path.home() / "Library/Keychains/login.keychain-db")


class MacStore:
    """One keychain with its trust settings."""

    name: Final = "macOS"
    question: Final = "macos_asks"

    def __init__(self, scope: Scope, security: Path = _SECURITY) -> None:
        self._domain = domain(scope)
        self._security = security

    def install(self, root: bytes) -> list[Presence]:
        try:
            if not self._trusts(root):  # else it would ask for a password again
                self._add(root)
        except SystemStoreRefused as error:
            return [self._presence(root, error)]
        return [self._presence(root, None)]

    def status(self, root: bytes | None) -> list[Presence]:
        return [self._presence(root, None)]

    def uninstall(self, root: bytes | None) -> list[Presence]:
        try:
            for held in self._ours():
                if root is None or held == root:
                    self._take_out(held)
        except SystemStoreRefused as error:
            return [self._presence(root, error)]
        return [self._presence(root, None)]

    def _presence(self, root: bytes | None, trouble: SystemStoreRefused | None) -> Presence:
        place = str(self._domain.keychain)
        try:
            others = tuple(short_name(held) for held in self._ours() if held != root)
            trusted = root is not None and self._trusts(root)
        except SystemStoreRefused as error:
            return Presence(place, trusted=False, trouble=trouble or error)
        return Presence(place, trusted, others, trouble)

    def _add(self, root: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "root.der"
            file.write_bytes(root)
            # For TLS alone: without -p the root would vouch for mail and code as well.
            trust = ("-r", "trustRoot", "-p", "ssl", "-k", str(self._domain.keychain))
            self._demand("add-trusted-cert", *self._domain.options, *trust, str(file))

    def _take_out(self, root: bytes) -> None:
        if _fingerprint(root) in self._settings():
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "root.der"
                file.write_bytes(root)
                self._demand("remove-trusted-cert", *self._domain.options, str(file))
        self._demand("delete-certificate", "-Z", _fingerprint(root), str(self._domain.keychain))

    def _trusts(self, root: bytes) -> bool:
        return root in self._ours() and _grants(self._settings().get(_fingerprint(root)))

    def _ours(self) -> list[bytes]:
        answer = self._ask("find-certificate", "-a", "-c", COMMON_NAME, "-p", str(self._domain.keychain))
        if answer.status == _NOT_FOUND:
            return []
        if answer.status != 0:
            raise SystemStoreRefused(self._domain.keychain, answer.words)
        return [held for held in pem.certificates(answer.out.decode("ascii", "replace")) if is_ours(held)]

    def _settings(self) -> dict[str, Any]:
        """SHA-1 in upper-case digits → what is set for that certificate."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "settings.plist"
            answer = self._ask("trust-settings-export", *self._domain.options, str(file))
            if answer.status != 0 and _NO_SETTINGS in answer.words:
                return {}
            if answer.status != 0:
                raise SystemStoreRefused(self._domain.keychain, answer.words)
            found: dict[str, Any] = plistlib.loads(file.read_bytes()).get("trustList", {})
        return found

    def _ask(self, *arguments: str) -> tool.Answer:
        return tool.ask([str(self._security), *arguments], self._domain.keychain, patience=_PATIENCE)

    def _demand(self, *arguments: str) -> None:
        tool.demand([str(self._security), *arguments], self._domain.keychain, patience=_PATIENCE)


def _grants(entry: Any) -> bool:
    """An entry without settings trusts for everything (SecTrustSettings.h); ours has one, for TLS."""
    if entry is None:
        return False
    settings = entry.get("trustSettings", [])
    return not settings or any(each.get("kSecTrustSettingsResult", _TRUST_ROOT) == _TRUST_ROOT for each in settings)


def _fingerprint(root: bytes) -> str:
    """How keychains name a certificate."""
    return hashlib.sha1(root, usedforsecurity=False).hexdigest().upper()
