"""Which certificates count as this program's own."""

from __future__ import annotations

import pytest

from certs.identity import COMMON_NAME, is_ours
from tests.unit import pki
from tests.unit.certs_roots import impostor, root


def test_each_root_that_is_issued_is_ours() -> None:
    assert is_ours(root(1))
    assert is_ours(root(2))


def test_a_root_under_another_key_than_its_name_says_is_not() -> None:
    assert not is_ours(impostor())


def test_other_certificates_are_not() -> None:
    assert not is_ours(pki.card().certificate)


def test_nothing_that_is_cut_off_is_ours_or_raises() -> None:
    whole = root()
    assert not any(is_ours(whole[:length]) for length in range(len(whole)))


def test_no_other_name_or_key_is_ours() -> None:
    whole = root()
    digit = whole.rindex(COMMON_NAME.encode()) + len(COMMON_NAME)  # the subject follows the issuer
    point = whole.index(b"\x03\x42\x00\x04") + 67  # BIT STRING of 66 octets: the last of the key
    for place in (digit, point):
        assert not is_ours(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])


@pytest.mark.parametrize("junk", [b"", b"\x30", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x30\x00"])
def test_what_is_no_certificate_is_not(junk: bytes) -> None:
    assert not is_ours(junk + COMMON_NAME.encode() + b"0123456789abcdef")
