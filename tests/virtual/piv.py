"""A PIV card (NIST SP 800-73-4): enough of the applet for OpenSC to log in and sign, and a PIN counter that locks."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from tests.virtual.card import Answer, ApduCard, Command, Word, fields, tlv

AID = bytes.fromhex("A000000308000010000100")
PIN_REFERENCE = 0x80
PIN_LENGTH = 8
_HISTORICAL = b"VPIV"
_CHUID, _CAPABILITIES, _DISCOVERY = 0x5FC102, 0x5FC107, 0x7E
_RSA_2048, _P256, _P384 = 0x07, 0x11, 0x14


class Slot(IntEnum):
    """Key references (SP 800-78-4 table 6-1)."""

    AUTHENTICATION = 0x9A
    """The PIN once."""
    SIGNATURE = 0x9C
    """The PIN right before each signature."""


_CERTIFICATES = {Slot.AUTHENTICATION: 0x5FC105, Slot.SIGNATURE: 0x5FC10A}


class Key(NamedTuple):
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    certificate: bytes
    """DER."""


class PivCard(ApduCard):
    """Keys by slot and one PIN. `tries_left` is the card's own memory: it outlives power and pulling out."""

    atr = bytes([0x3B, 0x80 | len(_HISTORICAL), 0x01]) + _HISTORICAL

    def __init__(self, keys: Mapping[Slot, Key], pin: bytes, max_tries: int = 3, guid: bytes = bytes(16)) -> None:
        super().__init__()
        self.atr = self.atr + bytes([_xor(self.atr[1:])])
        self._keys = dict(keys)
        self._pin = pin.ljust(PIN_LENGTH, b"\xff")
        self.max_tries = max_tries
        self.tries_left = max_tries
        self.verified = False
        self._just_verified = False
        self._objects = _objects(keys, guid)

    def forget(self) -> None:
        self.verified = self._just_verified = False

    def execute(self, command: Command) -> Answer:
        match command.ins, command.p1, command.p2:
            case 0xA4, 0x04, 0x00:
                return self._select(command.data)
            case 0xCB, 0x3F, 0xFF:
                return self._get_data(command.data)
            case 0x20, 0x00 | 0xFF, _:
                return self._verify(command)
            case 0x87, _, _:
                return self._authenticate(command)
        return Answer(Word.UNKNOWN_INSTRUCTION)

    def _select(self, aid: bytes) -> Answer:
        """SP 800-73-4 part 2 §3.1.1: selecting the selected application again leaves the login state alone."""
        if not aid or not AID.startswith(aid):
            return Answer(Word.NOT_FOUND)
        authority = tlv(0x79, tlv(0x4F, AID[:5]))
        return Answer(Word.OK, tlv(0x61, tlv(0x4F, AID[5:]) + authority))

    def _get_data(self, data: bytes) -> Answer:
        found = self._objects.get(int.from_bytes(_tag_list(data), "big"))
        return Answer(Word.NOT_FOUND) if found is None else Answer(Word.OK, found)

    def _verify(self, command: Command) -> Answer:
        """SP 800-73-4 part 2 §3.2.1. The counter falls before the PIN is compared."""
        if command.p2 != PIN_REFERENCE:
            return Answer(Word.NO_SUCH_REFERENCE)
        if command.p1 == 0xFF:
            self.forget()
            return Answer(Word.OK)
        if not command.data:
            return Answer(Word.OK if self.verified else self._tries_word())
        if len(command.data) != PIN_LENGTH:
            return Answer(Word.WRONG_DATA)
        self.forget()
        if self.tries_left == 0:
            return Answer(Word.LOCKED)
        self.tries_left -= 1
        if not hmac.compare_digest(command.data, self._pin):
            return Answer(self._tries_word())
        self.tries_left = self.max_tries
        self.verified = self._just_verified = True
        return Answer(Word.OK)

    def _tries_word(self) -> int:
        return Word.TRIES | self.tries_left if self.tries_left else Word.LOCKED

    def _authenticate(self, command: Command) -> Answer:
        """GENERAL AUTHENTICATE as signature (SP 800-73-4 part 2 §3.2.4 and appendix A.4)."""
        if command.p2 not in self._keys:
            return Answer(Word.WRONG_PARAMETERS)
        slot = Slot(command.p2)
        may = self._just_verified if slot is Slot.SIGNATURE else self.verified
        self._just_verified = False
        if not may:
            return Answer(Word.SECURITY_STATUS)
        try:
            challenge = fields(fields(command.data)[0x7C])[0x81]
            signature = _sign(self._keys[slot].private, command.p1, challenge)
        except (KeyError, ValueError):
            return Answer(Word.WRONG_DATA)
        return Answer(Word.OK, tlv(0x7C, tlv(0x82, signature)))


def _sign(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, algorithm: int, challenge: bytes) -> bytes:
    """RSA: the private operation on a block that the caller has padded. ECDSA: on a hash, answered as DER."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        digest = hashes.SHA256() if algorithm == _P256 else hashes.SHA384()
        if algorithm not in (_P256, _P384) or len(challenge) != digest.digest_size:
            raise ValueError("not a hash for this curve")
        return key.sign(challenge, ec.ECDSA(utils.Prehashed(digest)))
    numbers, size = key.private_numbers(), key.key_size // 8
    block = int.from_bytes(challenge, "big")
    if algorithm != _RSA_2048 or len(challenge) != size or block >= numbers.public_numbers.n:
        raise ValueError("not a block for this key")
    left, right = pow(block, numbers.dmp1, numbers.p), pow(block, numbers.dmq1, numbers.q)
    return (right + numbers.q * ((left - right) * numbers.iqmp % numbers.p)).to_bytes(size, "big")


def _objects(keys: Mapping[Slot, Key], guid: bytes) -> dict[int, bytes]:
    """Data objects (SP 800-73-4 part 1, table 3) by tag; CHUID and capabilities as far as OpenSC insists on them."""
    fasc_n = bytes.fromhex("D4E739DA739CED39CE739DA1685A1082108CE73984119257FC")
    chuid = tlv(0x30, fasc_n) + tlv(0x34, guid) + tlv(0x35, b"20321120") + tlv(0x3E, b"") + tlv(0xFE, b"")
    capabilities = tlv(0xF0, bytes.fromhex("A000000116FF02") + bytes(14)) + tlv(0xF1, b"\x21") + tlv(0xF2, b"\x21")
    pin_policy = tlv(0x5F2F, b"\x40\x00")
    objects = {
        _CHUID: tlv(0x53, chuid),
        _CAPABILITIES: tlv(0x53, capabilities),
        _DISCOVERY: tlv(_DISCOVERY, tlv(0x4F, AID) + pin_policy),
    }
    for slot, key in keys.items():
        objects[_CERTIFICATES[slot]] = tlv(0x53, tlv(0x70, key.certificate) + tlv(0x71, b"\x00") + tlv(0xFE, b""))
    return objects


def _tag_list(data: bytes) -> bytes:
    try:
        return fields(data).get(0x5C, b"")
    except ValueError:
        return b""


def _xor(data: bytes) -> int:
    total = 0
    for byte in data:
        total ^= byte
    return total
