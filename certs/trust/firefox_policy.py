"""Firefox on Linux for every user: `Certificates.Install` in policies.json, with a copy of the root beside it.

Firefox reads one file only: `/etc/firefox/policies/policies.json`, or where there is none that of its own folder. An
administrator's file in Firefox's folder is therefore amended where it is: a new one in /etc would put it out of force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

from certs.errors import PolicyRefused
from certs.identity import is_ours, short_name
from certs.trust import files
from certs.trust.port import Presence

SYSTEM: Final = Path("/etc/firefox/policies/policies.json")  # Firefox's snap may read below /etc/firefox alone
_DISTRIBUTIONS: Final = (
    "usr/lib*/firefox*/distribution",
    "usr/share/firefox*/distribution",
    "opt/firefox*/distribution",
)


class FirefoxPolicy:
    """`system` and `distributions` say where policies.json may lie; tests name folders of their own."""

    name: Final = "Firefox (policies.json)"
    question: Final = None

    def __init__(self, system: Path = SYSTEM, distributions: Iterable[Path] | None = None) -> None:
        self._system = system
        self._distributions = distributions

    def install(self, root: bytes) -> list[Presence]:
        return [self._attempt(path, root, _install) for path in self._files()]

    def status(self, root: bytes | None) -> list[Presence]:
        return [_presence(path, root, None) for path in self._files()]

    def uninstall(self, root: bytes | None) -> list[Presence]:
        return [self._attempt(path, root, self._uninstall) for path in self._everywhere()]

    def _files(self) -> list[Path]:
        return in_force(self._system, self._distributions)

    def _everywhere(self) -> list[Path]:
        here = [self._system, *_in_distributions(self._system, self._distributions)]
        return [path for path in here if path.exists() or _copies(path)]

    def _attempt(self, path: Path, root: bytes | None, change: _Change) -> Presence:
        try:
            change(path, root)
        except PolicyRefused as error:
            return _presence(path, root, error)
        except OSError as error:
            return _presence(path, root, PolicyRefused(path, error.strerror or ""))
        return _presence(path, root, None)

    def _uninstall(self, path: Path, root: bytes | None) -> None:
        policy = files.read_policy(path)
        listed, copies = _listed(path, policy), _copies(path)
        gone = [copy for copy, held in copies.items() if root is None or held == root]
        kept = [each for each in listed if each not in map(str, gone)]
        top = self._system.parents[2] if path == self._system else path.parent
        if kept != listed:
            _set(policy, kept)
            files.write_policy(path, policy) if policy else files.remove(path, up_to=top)
        for copy in gone:
            files.remove(copy, up_to=top)


def in_force(system: Path = SYSTEM, distributions: Iterable[Path] | None = None) -> list[Path]:
    """The policies.json that Firefox reads, or the one to be made."""
    return [system] if system.exists() else _in_distributions(system, distributions) or [system]


def _in_distributions(system: Path, distributions: Iterable[Path] | None) -> list[Path]:
    folders = _distributions() if distributions is None else distributions
    found = {(folder / system.name).resolve(): None for folder in folders}
    return [path for path in found if path.is_file()]


class _Change(Protocol):
    def __call__(self, path: Path, root: bytes | None, /) -> None: ...


def _install(path: Path, root: bytes | None) -> None:
    if root is None:
        raise ValueError("nothing to install")
    policy = files.read_policy(path)
    listed = _listed(path, policy)
    copy = path.with_name(f"{short_name(root)}.der")
    if _copies(path).get(copy) != root:
        files.write(copy, root)
    if str(copy) not in listed:
        _set(policy, [*listed, str(copy)])
        files.write_policy(path, policy)


def _presence(path: Path, root: bytes | None, trouble: PolicyRefused | None) -> Presence:
    copies = _copies(path)
    others = tuple(copy.stem for copy, held in copies.items() if held != root)
    try:
        listed = _listed(path, files.read_policy(path))
    except PolicyRefused as error:
        return Presence(str(path), trusted=False, others=others, trouble=trouble or error)
    trusted = any(str(copy) in listed and held == root for copy, held in copies.items())
    return Presence(str(path), trusted, others, trouble)


def _listed(path: Path, policy: files.Policy) -> list[Any]:
    """The entries of `Certificates.Install`. Raises PolicyRefused for a file of another shape."""
    policies = policy.get("policies", {})
    certificates = policies.get("Certificates", {}) if isinstance(policies, dict) else None
    listed = certificates.get("Install", []) if isinstance(certificates, dict) else None
    if not isinstance(listed, list):
        raise PolicyRefused(path, "policies.Certificates.Install is no list")
    return listed


def _set(policy: files.Policy, entries: list[Any]) -> None:
    """Puts the list in place, or takes away what holds nothing any more."""
    policies = policy.setdefault("policies", {})
    certificates = policies.setdefault("Certificates", {})
    if entries:
        certificates["Install"] = entries
        return
    certificates.pop("Install", None)
    if not certificates:
        del policies["Certificates"]
    if not policies:
        del policy["policies"]


def _copies(path: Path) -> dict[Path, bytes]:
    """The roots of ours beside a policy file."""
    found = {copy: copy.read_bytes() for copy in sorted(path.parent.glob("card-bridge-*.der"))}
    return {copy: root for copy, root in found.items() if is_ours(root)}


def _distributions() -> Iterator[Path]:
    for pattern in _DISTRIBUTIONS:
        yield from sorted(Path("/").glob(pattern))
