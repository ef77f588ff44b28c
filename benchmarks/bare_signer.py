"""The floor of a signature: the binding's own sign call on an open, logged-in SoftHSM session."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pkcs11
from pkcs11 import Mechanism, ObjectClass

from tests.virtual import softhsm


@contextlib.contextmanager
def bare_signer(pin: str) -> Iterator[Callable[[bytes], bytes]]:
    """SHA256-RSA signatures with the token's only key; the environment names the token."""
    with pkcs11.lib(str(softhsm.LIBRARY)).get_token(token_label="test").open(user_pin=pin) as session:
        key = next(session.get_objects({pkcs11.Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
        yield lambda data: bytes(key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))
