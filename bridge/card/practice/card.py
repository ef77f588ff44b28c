"""The practice card (練習用カード): a software card behind the same port as every other card.

Real keys, a real PIN counter that is on the disk before the PIN is compared and that locks, a certificate of the
practice CA. It protects nothing of value: the key lies in a file of the user's, and the PIN is printed by the demo.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from bridge.card.port import CardSession, Token, TokenFacts
from bridge.card.practice.scenarios import befall
from bridge.card.practice.slot import FIRST, READER, RENEWAL, card_file, inserted_card, insertion
from bridge.card.safety.pin import Pin
from bridge.card.safety.tries import Tries
from bridge.card.signature.algorithms import STATEMENT, Hash, How, SignatureAlgorithm
from bridge.errors import CardFailed, CardRemoved, PinLocked, PinWrong

LABELS = {FIRST: "練習用カード", RENEWAL: "更新用の練習カード"}
PIN_MIN, PIN_MAX, MAX_TRIES = 4, 8, 3
_HASHES = {Hash.SHA256: hashes.SHA256(), Hash.SHA384: hashes.SHA384(), Hash.SHA512: hashes.SHA512()}
_SCRYPT: dict[str, int] = {"n": 2**12, "r": 8, "p": 1}


class Card(NamedTuple):
    """What stands in card.json."""

    certificate: bytes
    chain: tuple[bytes, ...]
    key_pem: str
    pin_salt: bytes
    pin_hash: bytes
    tries_left: int

    @classmethod
    def fresh(cls, certificate: bytes, chain: tuple[bytes, ...], key_pem: str, pin: bytes) -> Card:
        salt = os.urandom(16)
        return cls(certificate, chain, key_pem, salt, _digest(salt, memoryview(pin)), MAX_TRIES)

    def json(self) -> str:
        table = {
            "v": 1,
            "certificate": _text(self.certificate),
            "chain": [_text(item) for item in self.chain],
            "key": self.key_pem,
            "pin": {"salt": _text(self.pin_salt), "hash": _text(self.pin_hash)},
            "triesLeft": self.tries_left,
        }
        return json.dumps(table, indent=1)

    @classmethod
    def parse(cls, text: str) -> Card:
        table: dict[str, Any] = json.loads(text)
        chain = tuple(map(base64.b64decode, table["chain"]))
        pin = table["pin"]
        salt, digest = base64.b64decode(pin["salt"]), base64.b64decode(pin["hash"])
        return cls(base64.b64decode(table["certificate"]), chain, table["key"], salt, digest, int(table["triesLeft"]))


def write(directory: Path, card: Card, name: str = FIRST) -> None:
    """Put the card's state on the disk, synced: a counter that a power cut can undo would be none."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = card_file(directory, name).with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(card.json())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(card_file(directory, name))


def read(directory: Path, name: str = FIRST) -> Card:
    """Raises CardFailed for a file that is not a practice card."""
    try:
        return Card.parse(card_file(directory, name).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CardFailed(f"the practice card cannot be read: {error}") from error


class PracticePort:
    """A reader that holds a practice card while its `inserted` file exists."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def tokens(self) -> list[Token]:
        word = insertion(self._directory)
        return [] if word is None else [PracticeToken(self._directory, word)]

    def close(self) -> None:
        """Nothing is held open."""


class PracticeToken:
    """The card during one insertion."""

    def __init__(self, directory: Path, word: str) -> None:
        self._directory = directory
        self._word = word
        self._name = inserted_card(word)

    @property
    def facts(self) -> TokenFacts:
        label = LABELS.get(self._name, LABELS[FIRST])
        return TokenFacts(READER, label, "practice", PIN_MIN, PIN_MAX, pin_pad=False, insertion=self._word)

    def certificates(self) -> list[bytes]:
        card = self.card()
        return [card.certificate, *card.chain]

    def tries(self) -> Tries:
        return Tries.counted(self.card().tries_left, MAX_TRIES)

    def open(self) -> CardSession:
        self.card()
        return PracticeSession(self)

    @property
    def present(self) -> bool:
        return insertion(self._directory) == self._word

    def card(self) -> Card:
        """The card's state now. Raises CardRemoved, CardFailed."""
        if not self.present:
            raise CardRemoved("the practice card was taken out")
        return read(self._directory, self._name)

    def store(self, card: Card) -> None:
        write(self._directory, card, self._name)

    def befall(self) -> None:
        """What the card's scenario has in store for a signature. Raises CardRemoved, CardFailed."""
        befall(self._directory, self._name)


class PracticeSession:
    """Login state of one insertion; it lives in this object, so that closing it is the card's reset."""

    def __init__(self, token: PracticeToken) -> None:
        self._token = token
        self._logged_in = False

    @property
    def logged_in(self) -> bool:
        return self._logged_in and self._token.present

    def login(self, pin: Pin) -> None:
        card = self._token.card()
        if card.tries_left <= 0:
            raise PinLocked(tries=Tries.counted(0, MAX_TRIES))
        # As on a real card, the counter falls before the PIN is compared: pulling the plug gains nothing.
        spent = card._replace(tries_left=card.tries_left - 1)
        self._token.store(spent)
        if not hmac.compare_digest(_digest(card.pin_salt, pin.memory()), card.pin_hash):
            raise PinWrong(tries=Tries.counted(spent.tries_left, MAX_TRIES))
        self._token.store(card._replace(tries_left=MAX_TRIES))
        self._logged_in = True

    def wants_pin(self, certificate: bytes) -> bool:
        return False

    def sign(self, certificate: bytes, data: bytes, pin: Pin | None = None, how: How = STATEMENT) -> bytes:
        card = self._token.card()
        if not self._logged_in or certificate != card.certificate:
            raise CardFailed("the practice card is not logged in for this key")
        self._token.befall()
        digest, used = how.digest(data), Prehashed(_HASHES[how.hash])
        match _private_key(card.key_pem):
            case rsa.RSAPrivateKey() as key:
                return key.sign(digest, padding.PKCS1v15(), used)
            case ec.EllipticCurvePrivateKey() as key:
                return key.sign(digest, ec.ECDSA(used))
        raise CardFailed("the practice card holds a key of another kind")

    def algorithm(self, certificate: bytes, how: How = STATEMENT) -> SignatureAlgorithm:
        key = _private_key(self._token.card().key_pem)
        return SignatureAlgorithm.RSA_PKCS1 if isinstance(key, rsa.RSAPrivateKey) else SignatureAlgorithm.ECDSA

    def close(self) -> bool:
        self._logged_in = False
        return True


@lru_cache(maxsize=4)
def _private_key(pem: str) -> PrivateKeyTypes:
    # Reading a key checks it, which takes longer than a hundred signatures.
    return serialization.load_pem_private_key(pem.encode(), None)


def _digest(salt: bytes, pin: memoryview) -> bytes:
    return hashlib.scrypt(pin, salt=salt, **_SCRYPT)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
