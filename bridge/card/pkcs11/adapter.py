"""Cards behind a vendor's PKCS#11 library: an adapter of the card port over python-pkcs11.

What the binding lacks is in `cryptoki`; what PKCS#11 cannot tell or do (counter, reset) is in `pcsc`. Used by the
host's card thread only: the binding initialises libraries without locking.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pkcs11
from pkcs11.exceptions import PKCS11Error

from bridge.card import certinfo, pcsc
from bridge.card.pkcs11.cryptoki import Cryptoki, CryptokiError, Rv, TokenFlag, TokenInfo
from bridge.card.pkcs11.failures import failure
from bridge.card.pkcs11.mechanisms import KNOWN
from bridge.card.pkcs11.session import Pkcs11Session
from bridge.card.pkcs11.slots import certificates, issuers, reader_of, shown_certificates
from bridge.card.port import CardSession, Token, TokenFacts
from bridge.card.profiles.profile import Identity, Probe, Profile
from bridge.card.profiles.recognition import Profiles, profiles
from bridge.card.safety.tries import Hint, Source, Tries
from bridge.card.witness import Witness
from bridge.errors import BridgeError, Busy, CardFailed, CardRemoved, ModuleFailed, ModuleMissing, NoReader

# OpenSC's PIN cache sends the PIN again after another program has reset the card: a try that nobody agreed to.
_OPENSC_CONF = "app default {\n\tframework pkcs15 {\n\t\tuse_pin_caching = false;\n\t}\n}\n"
_NOTICED_SECONDS = 1.0
"""How long the PC/SC service may take to notice a card that was pulled out in mid-command."""


class Module(NamedTuple):
    """One loaded library, seen through the binding and through its function list."""

    library: Any
    native: Cryptoki
    in_use: list[str]
    """Readers in which a session of ours is open, one entry for each."""


class Place(NamedTuple):
    """Where a token is, and for which insertion."""

    reader: str | None
    """PC/SC name; None for keys that are in no reader."""
    events: int = 0
    """The reader's event counter when the token was found."""


class Pkcs11Port:
    """One PKCS#11 library, named by its full path and loaded at the first question."""

    def __init__(self, path: Path, known: Profiles | None = None, configuration: Path | None = None) -> None:
        """`known`: the profiles, those of this program by default. `configuration`: directory for OpenSC's settings
        file; None: a private one that goes with the port."""
        self._path = path
        self._profiles = known or profiles()
        self._given = configuration
        self._private: Path | None = None
        self._module: Module | None = None
        self._seen: dict[str, pcsc.Presence] = {}
        """What the readers held when the library last listed its slots."""

    def tokens(self) -> list[Token]:
        """As the port says. Raises Busy, too, while another program keeps the library from the only cards."""
        readers = pcsc.presences()
        held = [reader for reader in readers if pcsc.held_alone(reader)]
        module = self._loaded(readers)
        try:
            present = module.library.get_slots(token_present=True)
        except PKCS11Error as error:
            raise ModuleFailed(f"{self._path.name} lists no slots: {type(error).__name__}") from error
        tokens = [self._token(module, slot, list(readers)) for slot in present]
        found: list[Token] = [token for token in tokens if token is not None]
        if held and not found:
            raise Busy(f"another program has the card in {held[0]} for itself")
        return found

    def close(self) -> None:
        self._unload()
        if self._private is not None:
            shutil.rmtree(self._private, ignore_errors=True)
            self._private = None

    def _token(self, module: Module, slot: Any, readers: list[str]) -> Pkcs11Token | None:
        """None for a slot whose card went meanwhile, that the library does not know, or that was never set up."""
        try:
            info = module.native.token_info(slot.slot_id)
        except CryptokiError as error:
            if error.rv in (Rv.TOKEN_NOT_PRESENT, Rv.TOKEN_NOT_RECOGNIZED, Rv.DEVICE_REMOVED):
                return None
            raise failure(error, "reading the token") from error
        if not info.set_up:
            return None
        reader = reader_of(slot.slot_description, readers)
        events, _, atr = pcsc.presence(reader) if reader is not None else pcsc.Presence(0, False, b"")
        shown = shown_certificates(slot, module.native)
        identity = Identity(atr, info.manufacturer, info.model, info.label, self._path.name, issuers(shown))
        profile = self._profiles.recognise(identity)
        place = Place(reader, events) if profile.in_reader else Place(None)
        return Pkcs11Token(module, slot, info, place, profile, shown)

    def _loaded(self, readers: dict[str, pcsc.Presence]) -> Module:
        """Anew once a card has moved, unless a login of ours lives on one that has not.

        OpenSC 0.23 takes a card that was in when the service started, pulled and put back for the one it has at hand:
        its next login then fails. What a library remembers of a card that has moved is not relied on.
        """
        in_use = self._module.in_use if self._module is not None else []
        still_there = [reader for reader in in_use if readers.get(reader) == self._seen.get(reader)]
        if readers != self._seen and not still_there:
            self._unload()
        if self._module is None:
            self._module, self._seen = self._load(), readers
        return self._module

    def _unload(self) -> None:
        module, self._module = self._module, None
        if module is not None:
            with suppress(CryptokiError):
                module.native.finalize()
            pkcs11.unload(str(self._path))

    def _load(self) -> Module:
        if not self._path.is_absolute():
            raise ModuleMissing(f"{self._path}: a library is named by its full path")
        if not self._path.is_file():
            raise ModuleMissing(f"{self._path}: no such file")
        os.environ["OPENSC_CONF"] = str(self._opensc_conf())
        try:
            return Module(pkcs11.lib(str(self._path)), Cryptoki(self._path), [])
        except (PKCS11Error, CryptokiError, OSError, AttributeError) as error:
            raise ModuleFailed(f"{self._path} does not load: {type(error).__name__} {error}") from error

    def _opensc_conf(self) -> Path:
        file = (self._given or self._own_directory()) / "opensc.conf"
        file.write_text(_OPENSC_CONF, encoding="ascii")
        return file

    def _own_directory(self) -> Path:
        if self._private is None:
            self._private = Path(tempfile.mkdtemp(prefix="card-bridge-"))
        return self._private


class Pkcs11Token:
    """A token as it was found: one insertion of one card."""

    def __init__(
        self,
        module: Module,
        slot: Any,
        info: TokenInfo,
        place: Place,
        profile: Profile,
        shown: list[bytes] | None = None,
    ) -> None:
        """`shown`: the certificates that it was recognised by, handed out at the first question."""
        self._module = module
        self._slot = slot
        self._info = info
        self._place = place
        self._profile = profile
        self._shown = shown

    @property
    def facts(self) -> TokenFacts:
        info = self._info
        return TokenFacts(
            reader=self._place.reader or self._slot.slot_description.strip(),
            label=info.label,
            profile=self._profile.name,
            pin_min=info.pin_min,
            pin_max=info.pin_max,
            pin_pad=info.has(TokenFlag.PROTECTED_AUTHENTICATION_PATH),
            insertion="" if self._place.reader is None else f"{self._place.reader} {self._place.events}",
            identified_by=self._profile.identified_by,
            authenticates=self._profile.authenticates,
        )

    def certificates(self) -> list[bytes]:
        shown, self._shown = self._shown, None
        if shown is None:
            with self.translated("reading certificates"):
                shown = certificates(self._slot, self._module.native)
        return [der for der in shown if certinfo.is_certificate(der)]

    def tries(self) -> Tries:
        counter, reader = self._profile.counter, self._place.reader
        if counter.probe is Probe.VERIFY_EMPTY and reader is not None:
            self.same_card()
            return self._told(self._probed(reader))
        if counter.probe is Probe.FLAGS:
            with self.translated("reading the token's flags"):
                return self._flagged(self._module.native.token_info(self._slot.slot_id))
        return Tries(Hint.UNKNOWN, None, self._profile.max_tries, Source.PROFILE)

    def open(self) -> CardSession:
        self._shown = None  # what the PIN brings to light comes on top
        self.same_card()
        with self.translated("opening a session"):
            session = self._slot.get_token().open()
        try:
            witness = None if self._place.reader is None else Witness(self._place.reader)
        except BridgeError:
            self._module.native.close_session(session.handle)
            raise
        self._module.in_use.append(self.facts.reader)
        return Pkcs11Session(self, self._module.native, session, witness)

    def left(self) -> None:
        """A session of ours on this card was closed."""
        self._module.in_use.remove(self.facts.reader)

    def same_card(self) -> None:
        """Raises CardRemoved when the card was pulled, swapped or put back since this token was found."""
        reader, events = self._place
        if reader is not None and pcsc.event_counter(reader) != events:
            raise CardRemoved("the card was pulled or exchanged")

    def verified(self) -> bool | None:
        """Whether the card itself holds the PIN as verified; None when it does not tell."""
        counter, reader = self._profile.counter, self._place.reader
        if reader is None or not counter.tells_login:
            return None
        return self._probed(reader).verified

    def mechanisms(self) -> set[int]:
        """Those that a signature of ours can be had by, and that the token has for signing."""
        with self.translated("listing mechanisms"):
            offered = {int(mechanism) for mechanism in self._slot.get_mechanisms()} & KNOWN
        return {mechanism for mechanism in offered if self._signs(mechanism)}

    def _signs(self, mechanism: int) -> bool:
        """A library that tells nothing of a mechanism that it lists is taken at its word."""
        try:
            return bool(self._slot.get_mechanism_info(mechanism).flags & pkcs11.MechanismFlag.SIGN)
        except PKCS11Error:
            return True

    @contextmanager
    def translated(self, doing: str) -> Iterator[None]:
        """Failures of the library as ours; a general one is CardRemoved when the card is in fact away."""
        try:
            yield
        except (PKCS11Error, CryptokiError) as error:
            found = failure(error, doing)
            if type(found) is CardFailed:
                self._blame_removal(found, error)
            raise found from error

    def _blame_removal(self, found: CardFailed, error: Exception) -> None:
        reader, events = self._place
        try:
            gone = reader is not None and pcsc.moved(reader, events, _NOTICED_SECONDS)
        except NoReader:
            gone = True
        if gone:
            raise CardRemoved(f"{found.reason}: the card is gone") from error

    def _probed(self, reader: str) -> pcsc.Probe:
        counter = self._profile.counter
        place = pcsc.PinPlace(counter.aid, counter.reference, counter.file)
        return pcsc.probe(reader, place, in_use=reader in self._module.in_use)

    def _told(self, answer: pcsc.Probe) -> Tries:
        maximum = self._profile.max_tries
        if answer.tries_left is not None:
            known = maximum if maximum is None or answer.tries_left <= maximum else None
            return Tries.counted(answer.tries_left, known)
        # A verified PIN has just set its counter back to the top, but how high that is, the card does not say now.
        hint = Hint.MANY if answer.verified else Hint.UNKNOWN
        return Tries(hint, None, maximum, Source.CARD)

    def _flagged(self, info: TokenInfo) -> Tries:
        """PKCS#11 v2.40 §3.3; the flags are no number and are not turned into one."""
        order = (
            (TokenFlag.USER_PIN_LOCKED, Hint.LOCKED),
            (TokenFlag.USER_PIN_FINAL_TRY, Hint.LAST),
            (TokenFlag.USER_PIN_COUNT_LOW, Hint.LOW),
        )
        hint = next((hint for flag, hint in order if info.has(flag)), Hint.MANY)
        return Tries(hint, None, self._profile.max_tries, Source.FLAGS)
