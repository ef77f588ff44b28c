"""Roots for the tests of trust stores: some of ours, and one that only calls itself so."""

from __future__ import annotations

import subprocess
from functools import cache

from certs import authority
from certs.identity import COMMON_NAME

NOW = 1_800_000_000.0


@cache
def root(number: int = 0) -> bytes:
    """DER; another one for each number."""
    return authority.issue(NOW + number).root


@cache
def impostor() -> bytes:
    """A CA under a name of our form that does not carry its key's digest."""
    name = f"/O=Card Bridge (this computer only)/CN={COMMON_NAME}{'0' * 16}"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    options = ["-keyout", "/dev/null", "-subj", name, "-days", "9", "-outform", "DER"]
    return subprocess.run([*command, *options], capture_output=True, check=True).stdout
