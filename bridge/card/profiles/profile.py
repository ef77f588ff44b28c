"""The shape of a profile: what is known of one kind of card. Nobody's guess stands in it (pure)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

UNKNOWN = "unknown"
"""The profile of a card that no other profile describes, and the word for a value that nobody has published."""
_SYSTEMS = {"win32": "windows", "darwin": "macos"}


class Probe(StrEnum):
    """How the PIN's counter may be read without cost."""

    VERIFY_EMPTY = "verify-empty"
    """PC/SC: SELECT, then VERIFY without data."""
    FLAGS = "flags"
    """CK_TOKEN_INFO.flags, where this card's library keeps them true."""
    NONE = "none"
    """There is nothing to read."""
    UNKNOWN = "unknown"
    """Nobody has said; it is not read."""


class Counter(NamedTuple):
    probe: Probe
    aid: bytes = b""
    """Application to select before VERIFY."""
    reference: int = 0
    """P2 of VERIFY."""
    file: bytes = b""
    """Elementary file to select after the application; empty: none."""
    tells_login: bool = False
    """VERIFY without data answers 9000 while the PIN is verified (the count is then hidden)."""


class Identity(NamedTuple):
    """What a token shows of itself before any PIN."""

    atr: bytes
    manufacturer: str
    model: str
    label: str
    module: str = ""
    """File name of the library that shows it."""
    issuers: tuple[str, ...] = ()
    """Issuers of its signers' certificates (RFC 4514)."""


class Match(NamedTuple):
    """Shell patterns (fnmatch) that all have to fit; an empty one fits everything."""

    issuer: str = ""
    """Of a signer's certificate, RFC 4514; upper and lower case are the same (RFC 5280 §7.1)."""
    atr: str = ""
    """Upper-case hex."""
    module: str = ""
    """File name of the library; upper and lower case are the same."""
    manufacturer: str = ""
    model: str = ""
    label: str = ""

    @property
    def weight(self) -> tuple[bool, bool, bool, int]:
        """Who issued the card says most of what a lock means, then which card it is, then who shows it."""
        return bool(self.issuer), bool(self.atr), bool(self.module), sum(map(bool, self))

    def fits(self, identity: Identity) -> bool:
        issuers = [issuer.casefold() for issuer in identity.issuers]
        shown = (
            (self.atr, [identity.atr.hex().upper()]),
            (self.issuer.casefold(), issuers),
            (self.module.casefold(), [identity.module.casefold()]),
            (self.manufacturer, [identity.manufacturer]),
            (self.model, [identity.model]),
            (self.label, [identity.label]),
        )
        return all(not pattern or any(fnmatchcase(text, pattern) for text in texts) for pattern, texts in shown)


class Texts(NamedTuple):
    ja: str
    en: str

    def said(self, language: str) -> str:
        return self.en if language == "en" else self.ja


class Profile(NamedTuple):
    name: str
    label: Texts
    matches: tuple[Match, ...]
    in_reader: bool
    """A card in a PC/SC reader, as opposed to keys in software or on a network."""
    max_tries: int | None
    """Wrong PINs in a row that lock; None: not published."""
    counter: Counter
    pin_characters: str
    """digits | alphanumeric-upper | alphanumeric | any."""
    unlock_text: Texts
    """What a lock means and how it is undone."""
    contact: Texts | None
    """Whom the card's holder asks; None: not known."""
    identified_by: str
    """For a token that shows its certificate only after the PIN: the profile of the token on the same card whose
    certificate tells which card it is. Empty: the token shows its own."""
    authenticates: bool
    """The key proves a presence and signs no content, whatever the certificate's extensions say."""
    modules: Mapping[str, tuple[str, ...]]
    """Usual paths of the PKCS#11 library by system: windows, macos, linux."""

    def unlock(self, language: str) -> str:
        text = self.unlock_text.said(language)
        return text if self.contact is None else f"{text}\n{self.contact.said(language)}"

    def module_paths(self, platform: str = sys.platform) -> tuple[Path, ...]:
        return tuple(map(Path, self.modules.get(_SYSTEMS.get(platform, "linux"), ())))

    def weight(self, identity: Identity) -> tuple[bool, bool, bool, int] | None:
        """Of the weightiest pattern that fits; None: not this kind of card."""
        return max((match.weight for match in self.matches if match.fits(identity)), default=None)
