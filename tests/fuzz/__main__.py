"""One target until its time is up: python -m tests.fuzz TARGET SECONDS [FOLDER]. What it found stays in FOLDER."""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["portal", "bridge", "pyhanko"]):
    from portal.signatures.der import DerError
    from tests.fuzz.targets import TARGETS
    from tests.unit.mutations import mutated

    if __name__ == "__main__":
        TARGETS[sys.argv[1]].seeds()  # loads what this target alone needs


def main(name: str, seconds: int, folder: Path) -> None:
    """Ends the process: 0, or libFuzzer's code when the target raised something, with the input in the folder."""
    target = TARGETS[name]
    folder.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (folder / hashlib.sha256(seed).hexdigest()).write_bytes(seed)
    limits = [f"-max_total_time={seconds}", f"-max_len={target.longest}", "-timeout=10"]
    mutator = {"custom_mutator": _of_elements} if target.der else {}
    options = [str(folder), *limits, f"-artifact_prefix={folder}/found-"]
    atheris.Setup([sys.argv[0], *options], target.run, enable_python_coverage=True, **mutator)
    atheris.Fuzz()


def _of_elements(data: bytes, longest: int, seed: int) -> bytes:
    dice = random.Random(seed)
    try:
        changed = mutated(data, data, dice) if dice.randrange(2) else b""
    except DerError:  # no DER any more
        changed = b""
    return changed[:longest] or bytes(atheris.Mutate(data, longest))


if __name__ == "__main__":
    main(
        sys.argv[1],
        int(sys.argv[2]),
        Path(sys.argv[3]) if len(sys.argv) > 3 else Path(tempfile.mkdtemp(prefix="fuzz-")),
    )
