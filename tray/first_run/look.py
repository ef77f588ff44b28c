"""What each step looks at: the doctor's own parts, and of the earlier helper what it left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bridge import settings
from bridge.card.profiles.profile import Profile
from bridge.card.profiles.recognition import profiles
from bridge.consent.grants import Grants
from bridge.doctor import parts
from bridge.doctor.check import Check
from bridge.doctor.discretion import Discretion
from bridge.doctor.examination import examine
from bridge.doctor.parts import Order
from bridge.gate.origins import NotKept
from bridge.settings import Settings
from tray import doctor
from tray.first_run import libraries
from tray.first_run.course import Authority, Legacy, Means, State, Step
from tray.first_run.old_helper import places
from tray.first_run.old_helper.reading import Found

_PARTS: Final = {
    Step.TRUST: ("certificates",),
    Step.BROWSER: ("browsers", "browser policies", "proxies"),
    Step.SOFTWARE: ("readers", "libraries"),
    Step.CARD: ("readers", "cards"),
}
_CARD_LINES: Final = frozenset({"card", "card_failed", "card_profile", "card_certificate", "tries", "card_mute"})
_NOT_AUTHORITIES: Final = frozenset({"unknown", "practice", "softhsm", "piv"})
"""Profiles that are no certification authority's."""


def at(order: Order, step: Step) -> tuple[Check, ...]:
    """The doctor's lines for this step. None for the test signature, which is made and not looked at."""
    named = _PARTS.get(step, ())
    lines = examine([part for part in parts.of(order, doctor.parts(order.loaded)) if part.name in named])
    if step is Step.SOFTWARE:
        lines = [line for line in lines if line.name not in _CARD_LINES]
    if step is Step.CARD:
        lines = [line for line in lines if line.name in _CARD_LINES]
    return tuple(Discretion.here().checks(lines))


def authorities(loaded: Settings) -> tuple[Authority, ...]:
    """Those whose cards are known, the administrator's own first. Raises ProfileError."""
    known = profiles(loaded.card.profiles)
    return tuple(_authority(each) for each in known if _issues_cards(each))


def _issues_cards(profile: Profile) -> bool:
    """Not JPKI's second token either, which is on the same card."""
    return profile.name not in _NOT_AUTHORITIES and not profile.authenticates


def _authority(profile: Profile) -> Authority:
    contact = profile.contact
    told = ("", "") if contact is None else (contact.ja, contact.en)
    return Authority(profile.name, profile.label.ja, profile.label.en, *told)


def means(loaded: Settings) -> Means:
    return Means(loaded.setup.portal, loaded.origins.locked)


def legacy(loaded: Settings, named: Sequence[Path]) -> Legacy:
    """`named`: files and folders that the person names, before the usual places. Raises OSError for those."""
    return _new(places.found([*named, *places.usual()]), loaded)


def _new(found: Found, loaded: Settings) -> Legacy:
    allowed = {*loaded.origins.allowed, *_granted(loaded)}
    sites = tuple(site for site in found.sites if site not in allowed)
    here = [Path(path) for path in found.libraries if libraries.is_here(Path(path))]
    new = [path for path in here if not libraries.in_use(path, loaded)]
    usable = tuple(str(path) for path in new if libraries.fits(path, loaded))
    return Legacy(sites, found.refused, usable, tuple(str(path) for path in new if str(path) not in usable))


def _granted(loaded: Settings) -> frozenset[str]:
    try:
        return frozenset(Grants(settings.grants_file(loaded), lambda: datetime.now(UTC)).read())
    except NotKept:
        return frozenset()


def begin(order: Order, step: Step, authority: str, named: Sequence[Path] = ()) -> State:
    """The course at this step, which is not looked at yet. Raises ProfileError, OSError."""
    loaded = order.loaded
    known = authorities(loaded)
    chosen = authority if any(each.name == authority for each in known) else ""
    return State(step, {}, known, chosen, legacy(loaded, named), means(loaded))
