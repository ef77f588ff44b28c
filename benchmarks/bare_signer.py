"""The floor of a signature: the binding's own sign call on an open, logged-in SoftHSM session, timed where it runs.

A process of its own: SoftHSM configures the OpenSSL that it shares with the interpreter, and TLS in the same process
then ends in the middle of a connection.
"""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pkcs11
from pkcs11 import Mechanism, ObjectClass

from tests.virtual import softhsm

DATA_BYTES = 200


@contextlib.contextmanager
def bare_signer(pin: str) -> Iterator[Callable[[], float]]:
    """A call that makes one SHA256-RSA signature and gives its milliseconds; the environment names the token."""
    command = [sys.executable, "-m", "benchmarks.bare_signer"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    asked, answers = process.stdin, process.stdout

    def say(line: str) -> str:
        asked.write(line + "\n")
        asked.flush()
        return answers.readline()

    try:
        say(pin)
        yield lambda: float(say("sign"))
    finally:
        asked.close()
        process.wait(30)
        answers.close()


def main() -> None:
    """The PIN on the first line; then one signature a line, answered by its milliseconds."""
    with pkcs11.lib(str(softhsm.LIBRARY)).get_token(token_label="test").open(user_pin=input()) as session:
        key = next(session.get_objects({pkcs11.Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
        print("ready", flush=True)
        for _ in sys.stdin:
            data = secrets.token_bytes(DATA_BYTES)
            begin = time.perf_counter()
            key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS)
            print((time.perf_counter() - begin) * 1000, flush=True)


if __name__ == "__main__":
    main()
