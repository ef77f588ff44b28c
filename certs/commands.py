"""What `card-bridge certs` does: every command ends by reading back what it did and fails if that is not as wanted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from certs import access, context, report, store
from certs import first_start as first
from certs.errors import CertificatesError, Missing
from certs.scope import Scope, folder
from certs.texts import Language
from certs.trust import Clearing, Presence, TrustStore, clearings, stores


class Order(NamedTuple):
    """What was asked for. `nss_databases`: these instead of the scope's trust stores. `pem`, `der`: files to write."""

    scope: Scope
    directory: Path
    language: Language
    nss_databases: list[Path] | None = None
    everything: bool = False
    pem: Path | None = None
    der: Path | None = None

    def stores(self) -> list[TrustStore]:
        return stores(self.scope, self.nss_databases)

    def clearings(self) -> list[Clearing]:
        return clearings(self.scope, self.nss_databases)

    def say(self, key: str, **facts: object) -> None:
        report.say(self.language, key, **facts)


def install(order: Order) -> int:
    access.demand_rights(order.directory, order.scope)
    if store.exists(order.directory) and store.read_index(order.directory).copied:
        order.say("copied")
        return renew(order)
    certificates = context.ensure(order.directory, time.time(), order.scope)
    store.write_root(order.directory, certificates)
    new = _install_root(order, certificates.root)
    done = _report(order, certificates)
    if new:
        order.say("restart")
    return done


def status(order: Order) -> int:
    return _report(order, store.load(order.directory))


def renew(order: Order) -> int:
    """The new root is trusted before it is used, the old one taken out afterwards: never is none trusted."""
    access.demand_rights(order.directory, order.scope)
    from certs import authority

    old = _known_root(order.directory)
    issued = authority.issue(time.time())
    _install_root(order, issued.root)
    certificates = store.save(order.directory, issued.root, issued.leaves, order.scope)
    if old is not None:
        for place in order.clearings():
            _announce(order, place)
            place.uninstall(old)
    done = _report(order, certificates)
    order.say("restart")
    order.say("daemon")
    return done


def uninstall(order: Order) -> int:
    access.demand_rights(order.directory, order.scope)
    root = None if order.everything else _known_root(order.directory)
    left = False
    for presences in _cleared(order, root):
        report.presences(order.language, presences)
        left = left or any(p.trusted or p.trouble or (order.everything and p.others) for p in presences)
    if left:
        # The folder names the root that is still trusted somewhere: without it a second attempt could not find it.
        report.complain(order.language, "kept", directory=order.directory)
        return 1
    store.remove(order.directory)
    order.say("gone", directory=order.directory)
    order.say("restart")
    return int(store.exists(order.directory))


def first_start(order: Order) -> int:
    """What the service does at each start of Windows: nothing but once, on a computer made from an image."""
    order = order._replace(scope=Scope.MACHINE, directory=folder(Scope.MACHINE))
    if sys.platform == "win32":
        from certs import windows_service

        done = windows_service.run(first.SERVICE, lambda: _first_start(order))
        if done is not None:
            return done
    return _first_start(order)


def _first_start(order: Order) -> int:
    if first.state() is first.State.DUE:
        return install(order)
    first.demand(0)
    order.say("first.over")
    return 0


def export(order: Order) -> int:
    root = store.read_index(order.directory).root
    done = 0
    for file, wanted in ((order.pem, store.pem(root)), (order.der, root)):
        if file is not None:
            file.write_bytes(wanted)
            done |= int(file.read_bytes() != wanted)
            order.say("written", file=file, fingerprint=report.fingerprint(root))
    return done


CHANGES: Final[dict[str, Callable[[Order], int]]] = {
    "install": install,
    "status": status,
    "renew": renew,
    "uninstall": uninstall,
}


def _cleared(order: Order, root: bytes | None) -> Iterator[list[Presence]]:
    """Without a root to take out, and not told to take out all, one only looks what is there."""
    if root is None and not order.everything:
        yield from (trust.status(None) for trust in order.stores())
    else:
        for place in order.clearings():
            _announce(order, place)
            yield place.uninstall(root)


def _known_root(directory: Path) -> bytes | None:
    try:
        return store.read_index(directory).root
    except Missing:
        return None
    except CertificatesError as error:
        report.mention(error)
        return None


def _install_root(order: Order, root: bytes) -> bool:
    """Whether any place was changed."""
    before, after = set(), set()
    for trust in order.stores():
        found = {p.place for p in trust.status(root) if p.trusted}
        if not found:
            _announce(order, trust)
        before |= found
        after |= {p.place for p in trust.install(root) if p.trusted}
    return bool(after - before)


def _announce(order: Order, place: Clearing) -> None:
    if place.question is not None:
        order.say(place.question)


def _report(order: Order, certificates: store.Certificates) -> int:
    """Reads everything back and prints it. 1 when some browser does not trust the root."""
    report.certificates(order.language, certificates, time.time())
    trusts = order.stores()
    if not trusts:
        order.say("no_store")
        return 0
    presences = [p for trust in trusts for p in trust.status(certificates.root)]
    report.presences(order.language, presences)
    if not presences:
        order.say("no_place")
    return int(not presences or any(not p.trusted for p in presences))
