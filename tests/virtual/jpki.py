"""マイナンバーカード's JPKI application: enough of it for OpenSC's jpki driver, with its two PINs and their counters.

The card's specification is not published. What is here answers what OpenSC 0.23 sends (card-jpki.c, pkcs15-jpki.c), and
is as strict as a card may be where nobody says: selecting the application again ends both logins.
"""

from __future__ import annotations

import hmac
from enum import IntEnum
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.virtual.card import Answer, ApduCard, Command, Word
from tests.virtual.piv import Key

AID = bytes.fromhex("D392F000260100000001")
AUTH_TRIES, SIGN_TRIES = 3, 5
_PIN_REFERENCE = 0x80
_HASH_NAME_AND_HASH = 51
"""Bytes of SHA-256's DigestInfo (RFC 8017 §9.2, note 1)."""


class File(IntEnum):
    """Elementary files by identifier."""

    SIGN_CERTIFICATE = 0x0001
    SIGN_CA = 0x0002
    TOKEN = 0x0006
    AUTH_CERTIFICATE = 0x000A
    AUTH_CA = 0x000B
    AUTH_KEY = 0x0017
    AUTH_PIN = 0x0018
    SIGN_KEY = 0x001A
    SIGN_PIN = 0x001B


_PIN_OF = {File.AUTH_KEY: File.AUTH_PIN, File.SIGN_KEY: File.SIGN_PIN, File.SIGN_CERTIFICATE: File.SIGN_PIN}


class Contents(NamedTuple):
    """What is on a card. Keys are RSA-2048; `authority` is the CA of both certificates, DER."""

    auth: Key
    sign: Key
    authority: bytes
    auth_pin: bytes
    sign_pin: bytes


class JpkiPin:
    """One PIN and its counter, which is the card's own memory: it outlives power and pulling out."""

    def __init__(self, value: bytes, max_tries: int) -> None:
        self._value = value
        self.max_tries = max_tries
        self.tries_left = max_tries
        self.verified = False

    def verify(self, given: bytes) -> Answer:
        """VERIFY (ISO 7816-4 §7.5.6). Without data it tells the counter, verified or not; the locking try says 63C0."""
        if not given:
            return Answer(Word.TRIES | self.tries_left)
        self.verified = False
        if self.tries_left == 0:
            return Answer(_BLOCKED)
        self.tries_left -= 1
        if not hmac.compare_digest(given, self._value):
            return Answer(Word.TRIES | self.tries_left)
        self.tries_left = self.max_tries
        self.verified = True
        return Answer(Word.OK)


_BLOCKED = 0x6984


class JpkiCard(ApduCard):
    atr = bytes.fromhex("3BE000FF8131FE4514")

    def __init__(self, contents: Contents) -> None:
        super().__init__()
        self.auth_pin = JpkiPin(contents.auth_pin, AUTH_TRIES)
        self.sign_pin = JpkiPin(contents.sign_pin, SIGN_TRIES)
        self._pins = {File.AUTH_PIN: self.auth_pin, File.SIGN_PIN: self.sign_pin}
        self._keys = {File.AUTH_KEY: contents.auth.private, File.SIGN_KEY: contents.sign.private}
        self._contents = {
            File.SIGN_CERTIFICATE: contents.sign.certificate,
            File.SIGN_CA: contents.authority,
            File.AUTH_CERTIFICATE: contents.auth.certificate,
            File.AUTH_CA: contents.authority,
            File.TOKEN: b"JPKIAPICCTOKEN2".ljust(0x20),
        }
        self._selected: File | None = None
        self._in_application = False

    def forget(self) -> None:
        self._selected, self._in_application = None, False
        for pin in self._pins.values():
            pin.verified = False

    def execute(self, command: Command) -> Answer:
        match command.cla, command.ins, command.p1, command.p2:
            case 0x00, 0xA4, 0x04, 0x0C:
                return self._select_application(command.data)
            case 0x00, 0xA4, 0x02, 0x0C:
                return self._select_file(command.data)
            case 0x00, 0xB0, high, low if not high & 0x80:
                return self._read(high << 8 | low, command.le)
            case 0x00, 0x20, 0x00, reference if reference == _PIN_REFERENCE:
                return self._verify(command.data)
            case 0x80, 0x2A, 0x00, 0x80:
                return self._sign(command.data)
        return Answer(Word.UNKNOWN_INSTRUCTION)

    def _select_application(self, aid: bytes) -> Answer:
        self.forget()
        if aid != AID:
            return Answer(Word.NOT_FOUND)
        self._in_application = True
        return Answer(Word.OK)

    def _select_file(self, identifier: bytes) -> Answer:
        known = {file.to_bytes(2, "big"): file for file in File}
        if not self._in_application or identifier not in known:
            return Answer(Word.NOT_FOUND)
        self._selected = known[identifier]
        return Answer(Word.OK)

    def _may(self, file: File) -> bool:
        return file not in _PIN_OF or self._pins[_PIN_OF[file]].verified

    def _read(self, offset: int, length: int) -> Answer:
        if self._selected not in self._contents:
            return Answer(_NO_SUCH_FILE)
        if not self._may(self._selected):
            return Answer(Word.SECURITY_STATUS)
        return Answer(Word.OK, self._contents[self._selected][offset : offset + length])

    def _verify(self, pin: bytes) -> Answer:
        if self._selected not in self._pins:
            return Answer(_NO_SUCH_FILE)
        return self._pins[self._selected].verify(pin)

    def _sign(self, digest_info: bytes) -> Answer:
        """The card pads (RSASSA-PKCS1-v1_5) whatever DigestInfo it is given, and hashes nothing."""
        if self._selected not in self._keys:
            return Answer(_NO_SUCH_FILE)
        if not self._may(self._selected):
            return Answer(Word.SECURITY_STATUS)
        if len(digest_info) != _HASH_NAME_AND_HASH:
            return Answer(Word.WRONG_LENGTH)
        return Answer(Word.OK, _padded_and_signed(self._keys[self._selected], digest_info))


_NO_SUCH_FILE = 0x6986


def _padded_and_signed(key: object, digest_info: bytes) -> bytes:
    """RFC 8017 §8.2.1 from the encoded message on: the card's operation, without the library's hash."""
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("JPKI keys are RSA")
    size, numbers = key.key_size // 8, key.private_numbers()
    block = b"\x00\x01" + b"\xff" * (size - len(digest_info) - 3) + b"\x00" + digest_info
    return pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")
