"""Nothing is accepted of a time-stamped signature that openssl refuses: seeded mutations of CAdES-B-T."""

from __future__ import annotations

import hashlib
import random
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.refusals import Refused
from portal.signatures import der
from portal.verification import document
from tests.time_stamps import Authority
from tests.unit import pki
from tests.unit.mutations import mutated
from tests.unit.stamp_forgeries import forged
from tests.unit.test_portal_time_stamp import _trust, judged, query, stamped

MUTATIONS = 2_000
# cryptography's word on changed certificates: names of no length, serial numbers below 1
pytestmark = [pytest.mark.filterwarnings("ignore:Attribute's length"), pytest.mark.filterwarnings("ignore:Parsed a")]


class Bench:
    """The portal's word on a file, and openssl's on its signature and on the token in it."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder / "time")
        self._file = folder / "file"
        self._times = _trust(self.authority.trust_folders(folder / "known"))
        asked = query()
        strange = forged(asked, self.authority.stamper, (self.authority.issuing, self.authority.root))
        self.good = [stamped(each) for each in (self.authority.reply(asked), strange)]

    def accepts(self, file: bytes) -> bool:
        """Its signature, and its time-stamp is there and believed."""
        try:
            signed = judged(file, self._times).signed
        except Refused:  # its content was taken out
            return False
        return signed is not None and signed.stamp is not None and signed.stamp.refusal is None

    def openssl(self, file: bytes) -> bool:
        self._file.write_bytes(file)
        anchor = pki.practice_directory() / "ca.pem"
        command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(self._file)]
        command += ["-CAfile", str(anchor), "-purpose", "any", "-attime", str(int(datetime.now(UTC).timestamp()))]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return False
        signed = document.read(file, der.LARGEST, stamped=True)
        token = signed.time_stamp
        return token is None or self.authority.holds(token, hashlib.sha256(signed.signature).digest())


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("stamps"))


def test_what_is_accepted_is_accepted_by_openssl(bench: Bench) -> None:
    assert all(bench.accepts(each) and bench.openssl(each) for each in bench.good)
    dice = random.Random(20261201)  # seeded: the same mutations of files of the same shape
    accepted: list[bytes] = []
    for number in range(MUTATIONS):
        base = bench.good[number % 2]
        mutation = mutated(base, dice.choice(bench.good), dice)
        if mutation != base and bench.accepts(mutation):
            accepted.append(mutation)
    assert [each.hex() for each in accepted if not bench.openssl(each)] == []
    assert len(accepted) < MUTATIONS // 10
