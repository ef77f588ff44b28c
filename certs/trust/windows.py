"""Windows: the trusted roots of one user or of the machine, which Chrome, Edge and (since version 120) Firefox read."""

from __future__ import annotations

import sys
from typing import Final, Protocol

from certs.errors import SystemStoreRefused
from certs.identity import is_ours, short_name
from certs.scope import Scope
from certs.trust.port import Presence

_ROOT: Final = "Root"
_PLACES: Final = {
    Scope.USER: "Windows: Cert:\\CurrentUser\\Root",
    Scope.MACHINE: "Windows: Cert:\\LocalMachine\\Root",
}


class Shelf(Protocol):
    """One physical store, as `certs.trust.crypt32` has them; each method raises OSError."""

    def certificates(self) -> list[bytes]: ...
    def add(self, certificate: bytes) -> None: ...
    def delete(self, certificate: bytes) -> None: ...


class WindowsStore:
    """One place. For the user's own Windows shows its question at each change, and waits for the answer."""

    name: Final = "Windows"

    def __init__(self, scope: Scope, shelf: Shelf | None = None) -> None:
        self.question: Final = "windows_asks" if scope is Scope.USER else None
        self._place = _PLACES[scope]
        self._shelf = _crypt32(scope) if shelf is None else shelf

    def install(self, root: bytes) -> list[Presence]:
        try:
            if root not in self._shelf.certificates():  # else it would ask again
                self._shelf.add(root)
        except OSError as error:
            return [self._presence(root, error)]
        return [self._presence(root, None)]

    def status(self, root: bytes | None) -> list[Presence]:
        return [self._presence(root, None)]

    def uninstall(self, root: bytes | None) -> list[Presence]:
        try:
            for held in self._ours():
                if root is None or held == root:
                    self._shelf.delete(held)
        except OSError as error:
            return [self._presence(root, error)]
        return [self._presence(root, None)]

    def _ours(self) -> list[bytes]:
        return [held for held in self._shelf.certificates() if is_ours(held)]

    def _presence(self, root: bytes | None, failure: OSError | None) -> Presence:
        trouble = None if failure is None else SystemStoreRefused(self._place, failure.strerror or "")
        try:
            ours = self._ours()
        except OSError as error:
            unread = SystemStoreRefused(self._place, error.strerror or "")
            return Presence(self._place, trusted=False, trouble=trouble or unread)
        others = tuple(short_name(held) for held in ours if held != root)
        return Presence(self._place, root in ours, others, trouble)


def _crypt32(scope: Scope) -> Shelf:
    if sys.platform == "win32":
        from certs.trust import crypt32

        return crypt32.Shelf(crypt32.CURRENT_USER if scope is Scope.USER else crypt32.LOCAL_MACHINE, _ROOT)
    raise NotImplementedError("crypt32 is a part of Windows")
