"""Firefox on Linux: the one policies.json that it reads is amended, and a record of ours says by what."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from certs.errors import PolicyRefused
from certs.trust import files, firefox_policy
from tray.browsers.policies import FIREFOX, Standing

_RECORD: Final = Path("/var/lib/card-bridge/browsers.json")
_ABOVE: Final = ("policies", "LocalNetworkAccess")
_LIST: Final = "SkipDomains"


def allow(origins: list[str]) -> None:
    hosts = list(dict.fromkeys(each.form.of(origin) for each in FIREFOX for origin in origins))
    _take_out(keep=hosts)
    for path in firefox_policy.in_force():
        _add(path, hosts)


def revoke() -> None:
    _take_out(keep=())


def status() -> Iterator[Standing]:
    for name, hosts in _record().items():
        listed = _listed(Path(name))
        yield from (Standing(f"{name}: {FIREFOX[0].name}", host, host in listed) for host in hosts)


def _add(path: Path, hosts: list[str]) -> None:
    """Those that nobody has listed yet; first into the record, so that what is broken off here can be taken out."""
    listed = _listed(path)
    new = [host for host in hosts if host not in listed]
    if new:
        record = _record()
        _keep({**record, str(path): [*record.get(str(path), []), *new]})
        _write(path, [*listed, *new])


def _take_out(keep: Collection[str]) -> None:
    for name, hosts in _record().items():
        listed = _listed(Path(name))
        rest = [each for each in listed if each in keep or each not in hosts]
        if rest != listed:
            _write(Path(name), rest)
        _keep({**_record(), name: [host for host in hosts if host in keep and host in listed]})


def _record() -> dict[str, list[str]]:
    """policies.json → the hosts that we wrote there."""
    return files.read_policy(_RECORD)


def _keep(record: dict[str, list[str]]) -> None:
    kept = {name: hosts for name, hosts in record.items() if hosts}
    files.write_policy(_RECORD, kept) if kept else files.remove(_RECORD, up_to=_RECORD.parents[1])


def _listed(path: Path) -> list[Any]:
    """Raises PolicyRefused for a file of another shape."""
    place: Any = files.read_policy(path)
    for name in _ABOVE:
        place = place.get(name, {}) if isinstance(place, dict) else None
    listed = place.get(_LIST, []) if isinstance(place, dict) else None
    if not isinstance(listed, list):
        raise PolicyRefused(path, f"{'.'.join((*_ABOVE, _LIST))} is no list")
    return listed


def _write(path: Path, hosts: list[Any]) -> None:
    """Puts the list in place, or takes away what holds nothing any more, the file and its folder too."""
    policy = files.read_policy(path)
    policies = policy.setdefault(_ABOVE[0], {})
    access = policies.setdefault(_ABOVE[1], {})
    access[_LIST] = hosts
    for place, name in ((access, _LIST), (policies, _ABOVE[1]), (policy, _ABOVE[0])):
        if not place[name]:
            del place[name]
    top = firefox_policy.SYSTEM.parents[2] if path == firefox_policy.SYSTEM else path.parent
    files.write_policy(path, policy) if policy else files.remove(path, up_to=top)
