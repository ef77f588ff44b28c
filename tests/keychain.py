"""A stand-in for macOS's `security`: the five commands that we use, as its manual describes them, on a folder.

It keeps certificates and trust settings apart, as keychains do, and refuses while a file `refuse` is there, as a person
does who closes the question for the password.
"""

from __future__ import annotations

import hashlib
import plistlib
import ssl
import sys
from pathlib import Path

PROGRAM = """#!{python}
import sys
sys.path.insert(0, {checkout!r})
from pathlib import Path
from tests.keychain import Keychain
sys.exit(Keychain(Path({folder!r})).run(sys.argv[1:]))
"""


def program(folder: Path) -> Path:
    """Makes a command that works on `folder`. Its path."""
    path = folder / "security"
    checkout = str(Path(__file__).parents[1])
    path.write_text(PROGRAM.format(python=sys.executable, checkout=checkout, folder=str(folder)))
    path.chmod(0o755)
    return path


class Keychain:
    """`folder/KEYCHAIN/SHA1.der` are certificates, `user.plist` and `admin.plist` the trust settings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, arguments: list[str]) -> int:
        match arguments:
            case ["find-certificate", "-a", "-c", name, "-p", keychain]:
                return self._find(name, keychain)
            case ["trust-settings-export", *admin, file]:
                return self._export(admin, file)
            case ["add-trusted-cert", *admin, "-r", "trustRoot", "-p", "ssl", "-k", keychain, file]:
                return self._add(admin, keychain, Path(file).read_bytes())
            case ["remove-trusted-cert", *admin, file]:
                return self._untrust(admin, Path(file).read_bytes())
            case ["delete-certificate", "-Z", digest, keychain]:
                return self._delete(digest, keychain)
        return self._fail(2, f"unknown command {arguments}")

    def held(self, keychain: str) -> list[Path]:
        return sorted((self._folder / Path(keychain).name).glob("*.der"))

    def settings(self, admin: list[str]) -> Path:
        return self._folder / ("admin.plist" if admin == ["-d"] else "user.plist")

    def _find(self, name: str, keychain: str) -> int:
        found = [path.read_bytes() for path in self.held(keychain) if name.encode() in path.read_bytes()]
        if not found:
            return self._fail(44, "The specified item could not be found in the keychain.")
        sys.stdout.write("".join(ssl.DER_cert_to_PEM_cert(each) for each in found))
        return 0

    def _export(self, admin: list[str], file: str) -> int:
        if not self.settings(admin).exists():
            return self._fail(1, "SecTrustSettingsCreateExternalRepresentation: No Trust Settings were found.")
        Path(file).write_bytes(self.settings(admin).read_bytes())
        return 0

    def _add(self, admin: list[str], keychain: str, root: bytes) -> int:
        if (self._folder / "refuse").exists():
            return self._fail(1, "SecTrustSettingsSetTrustSettings: The authorization was canceled by the user.")
        place = self._folder / Path(keychain).name
        place.mkdir(exist_ok=True)
        (place / f"{_digest(root)}.der").write_bytes(root)
        one = {"kSecTrustSettingsPolicyName": "sslServer", "kSecTrustSettingsResult": 1}
        return self._set(admin, {**self._read(admin), _digest(root): {"trustSettings": [one]}})

    def _untrust(self, admin: list[str], root: bytes) -> int:
        known = self._read(admin)
        if _digest(root) not in known:
            return self._fail(1, "SecTrustSettingsRemoveTrustSettings: The specified item could not be found.")
        return self._set(admin, {digest: entry for digest, entry in known.items() if digest != _digest(root)})

    def _delete(self, digest: str, keychain: str) -> int:
        path = self._folder / Path(keychain).name / f"{digest}.der"
        if not path.exists():
            return self._fail(44, f"Unable to delete certificate matching {digest}")
        path.unlink()
        return 0

    def _read(self, admin: list[str]) -> dict[str, object]:
        file = self.settings(admin)
        known: dict[str, object] = plistlib.loads(file.read_bytes())["trustList"] if file.exists() else {}
        return known

    def _set(self, admin: list[str], known: dict[str, object]) -> int:
        self.settings(admin).write_bytes(plistlib.dumps({"trustList": known, "trustVersion": 1}))
        return 0

    def _fail(self, status: int, words: str) -> int:
        sys.stderr.write(f"security: {words}\n")
        return status


def _digest(root: bytes) -> str:
    return hashlib.sha1(root, usedforsecurity=False).hexdigest().upper()
