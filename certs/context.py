"""The TLS side of the daemon: an SSL context that always shows the leaf whose window it is.

Imported on the daemon's start-up path: standard library only. Issuing (and with it the `cryptography` package)
is loaded once in the life of an installation, when there is nothing to serve yet.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from certs import store
from certs.scope import Scope

_SETTLED: Final = 15 * 86400  # seconds: half an overlap, so that a clock set back by days still meets a valid leaf


def ensure(directory: Path, now: float, scope: Scope = Scope.USER) -> store.Certificates:
    """The certificates in `directory`, issued for `scope` if there are none. Existing ones are checked, not replaced.

    Raises CertificatesError (see `store.load`) and OSError.
    """
    if not store.exists(directory):
        from certs import authority

        issued = authority.issue(now)
        store.save(directory, issued.root, issued.leaves, scope)
    return store.load(directory)


def server_context(directory: Path, clock: Callable[[], float] = time.time) -> ssl.SSLContext:
    """A context for `localhost`, 127.0.0.1 and ::1 that changes leaves by itself: no restart, whatever the clock does.

    `clock` tells seconds since 1970. Raises CertificatesError when the folder is missing, exposed or altered.
    """
    leaves = store.load(directory).leaves
    contexts = {leaf.path: _leaf_context(leaf) for leaf in leaves}
    outer = _leaf_context(current(leaves, clock()))

    def choose(handshake: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _outer: ssl.SSLContext) -> None:
        # OpenSSL calls this for a client without SNI too. Changing the certificate of a living context instead
        # would end every connection if a file did not match; a context made beforehand cannot fail here.
        handshake.context = contexts[current(leaves, clock()).path]

    outer.sni_callback = choose
    return outer


def current(leaves: tuple[store.StoredLeaf, ...], now: float) -> store.StoredLeaf:
    """The newest leaf whose window has well begun; the first one for a clock before all windows."""
    begun = [leaf for leaf in leaves if leaf.not_before + _SETTLED <= now]
    return begun[-1] if begun else leaves[0]


def _leaf_context(leaf: store.StoredLeaf) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(leaf.path)
    return context
