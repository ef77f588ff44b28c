"""Whatever the shape of a time-stamp token, the bridge's judge and the portal's take it or give a refusal of their own,
and raise nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from bridge.card.signature.algorithms import Hash
from bridge.errors import BridgeError
from bridge.timestamps.judge import judge
from bridge.timestamps.query import Query
from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures import der
from portal.signatures.der import DerError
from portal.signatures.trust import Trust
from portal.verification import time_stamp
from tests.time_stamps import Authority
from tests.unit import structure
from tests.unit.mutations import element, replaced, tlv
from tests.unit.stamp_forgeries import forged

# cryptography's word on changed certificates: names of no length, serial numbers below 1
pytestmark = [pytest.mark.filterwarnings("ignore:Attribute's length"), pytest.mark.filterwarnings("ignore:Parsed a")]
STAMPED = b"a signature's value"
QUERY = Query(Hash.SHA256, hashlib.sha256(STAMPED).digest(), 5)
_SIGNED_DATA = [1, 1, 0]
_CONTENT, _CERTIFICATES, _INFO = [*_SIGNED_DATA, 2, 1, 0], [*_SIGNED_DATA, 3], [*_SIGNED_DATA, 4, 0]


class Bench:
    """A reply that holds, and the same with parts that its stamper signed though no authority would."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority(folder / "authority")
        self.good = forged(QUERY.der(), self.authority.stamper, (self.authority.issuing,))
        both = [[*_CERTIFICATES, number] for number in (0, 1)]
        known = self.authority.trust_folders(folder / "known")
        self._trust = Trust(TrustFolders(known / "anchors", known / "intermediates", known / "crls", known / "past"))
        (self._stamper,) = [each for each in both if element(self.good, each).raw == self.authority.stamper.der]

    def bridge(self, reply: bytes) -> str:
        try:
            self.judged(reply)
        except BridgeError as error:
            return error.code
        return "held"

    def judged(self, reply: bytes) -> bytes:
        """The token that holds. Raises what the judge raises."""
        return judge(reply, QUERY, [self.authority.root.certificate], datetime.now(UTC)).token

    def portal(self, reply: bytes) -> str:
        """Of the token in it; a refusal of its authority is a word about its time, and not raised."""
        try:
            _, token = der.exactly(2, der.children(der.read(reply), der.SEQUENCE))
            stamp = time_stamp.read(token.raw, STAMPED)
        except (DerError, Refused):
            return "refused"
        return "held" if time_stamp.believe(stamp, datetime.now(UTC), self._trust).refusal is None else "untrusted"

    def whole(self) -> Iterator[bytes]:
        """The issuing CA's certificate in it is under no signature of the token."""
        return structure.changes(self.good)

    def stamper(self) -> Iterator[bytes]:
        was = self.authority.stamper.der
        return (self._signed(replaced(self.good, self._stamper, now), was, now) for now in structure.changes(was))

    def info(self) -> Iterator[bytes]:
        was = element(self.good, _CONTENT).content
        for now in structure.changes(was):
            yield self._signed(replaced(self.good, _CONTENT, tlv(der.OCTET_STRING, now)), was, now)

    def _signed(self, reply: bytes, was: bytes, now: bytes) -> bytes:
        """With another hash in the signed attributes, and a signature over these."""
        key = self.authority.stamper.key
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        hash_of = hashlib.sha256(was).digest(), hashlib.sha256(now).digest()
        attributes = element(reply, [*_INFO, 3]).raw.replace(*hash_of)
        signature = key.sign(bytes((der.SET,)) + attributes[1:], ec.ECDSA(hashes.SHA256()))
        signed = tlv(der.OCTET_STRING, signature)
        return replaced(replaced(reply, [*_INFO, 3], attributes), [*_INFO, 5], signed)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("structure"))


@pytest.mark.parametrize("part", [Bench.whole, Bench.stamper, Bench.info])
@pytest.mark.parametrize("judged", [Bench.bridge, Bench.portal])
def test_nothing_but_refusals_comes_of_another_shape(
    bench: Bench, judged: Callable[[Bench, bytes], str], part: Callable[[Bench], Iterator[bytes]]
) -> None:
    assert judged(bench, bench.good) == "held"
    told = Counter(_told(each, partial(judged, bench)) for each in part(bench))
    assert [each for each in told if each.startswith("raised")] == []
    assert told.total() - told["held"] > 50


def test_what_holds_of_another_shape_holds_with_openssl(bench: Bench) -> None:
    """Nothing is put right in silence: the token goes into the document as it came."""
    held = 0
    for reply in bench.whole():
        with contextlib.suppress(BridgeError):
            token = bench.judged(reply)
            held += 1
            assert bench.authority.holds(token, QUERY.imprint), token.hex()
    assert held


def _told(reply: bytes, judged: Callable[[bytes], str]) -> str:
    """What came of it; `raised`, where it is nothing that the judge promises."""
    try:
        return judged(reply)
    except BaseException as error:
        # a library's panic is none of Exception
        return f"raised {type(error).__name__}: {error}, of {reply.hex()}"
