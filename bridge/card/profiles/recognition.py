"""Which profile describes a token, and which libraries the profiles name."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

from bridge.card.profiles.file import ProfileError, load
from bridge.card.profiles.profile import UNKNOWN, Identity, Profile

BY_PROFILES = "profiles"
"""In `card.modules`: the libraries that the profiles name, as far as they are installed."""
SHIPPED = Path(__file__).parent


class Profiles:
    """The profiles of this program, and before them those of an administrator's folder."""

    def __init__(self, own: tuple[Profile, ...], shipped: tuple[Profile, ...]) -> None:
        """One of `own` stands for a shipped one of the same name."""
        self.own = own
        self._shipped = frozenset(profile.name for profile in shipped)
        names = {profile.name for profile in own}
        self._ranks = (own, tuple(profile for profile in shipped if profile.name not in names))
        self._named = {profile.name: profile for rank in self._ranks for profile in rank}
        # The same token is met at every request, and comparing it with every pattern costs a tenth of a millisecond.
        self._recognised = lru_cache(maxsize=64)(self._weighed)

    def named(self, name: str) -> Profile:
        """The profile of that name, else the one for unknown cards."""
        return self._named.get(name, self._named[UNKNOWN])

    def has_shipped(self, name: str) -> bool:
        """Whether this program has a profile of that name, which an own one then replaces."""
        return name in self._shipped

    def recognise(self, identity: Identity) -> Profile:
        """The one with the weightiest pattern that fits, own ones before shipped ones.

        Two of the same weight contradict each other, and a card of which nothing is certain is an unknown one.
        """
        return self._recognised(identity)

    def _weighed(self, identity: Identity) -> Profile:
        for rank in self._ranks:
            fitting = [(weight, profile) for profile in rank if (weight := profile.weight(identity)) is not None]
            best = [profile for weight, profile in fitting if weight == max(weight for weight, _ in fitting)]
            if best:
                return best[0] if len(best) == 1 else self.named(UNKNOWN)
        return self.named(UNKNOWN)

    def chosen(self, modules: Sequence[str], platform: str = sys.platform) -> list[Path]:
        """The libraries of the setting `card.modules`, each once: full paths, and for `profiles` those named here."""
        paths: list[Path] = []
        for module in modules:
            paths += self.libraries(platform) if module == BY_PROFILES else [Path(module)]
        return list(dict.fromkeys(path.resolve() for path in paths))

    def libraries(self, platform: str = sys.platform) -> dict[Path, list[Profile]]:
        """The PKCS#11 libraries that profiles name and that are there, with the profiles that name them."""
        found: dict[Path, list[Profile]] = {}
        for profile in self:
            for path in profile.module_paths(platform):
                if path.is_file():
                    found.setdefault(path.resolve(), []).append(profile)
        return found

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._named.values())


def profiles(folder: str = "") -> Profiles:
    """Those of this program and of an administrator's folder (empty: none). Raises ProfileError."""
    return Profiles(_all_of(Path(folder)) if folder else (), _shipped())


@cache
def _shipped() -> tuple[Profile, ...]:
    return _all_of(SHIPPED)


def _all_of(folder: Path) -> tuple[Profile, ...]:
    if not folder.is_dir():
        raise ProfileError(f"{folder}: no such folder")
    return tuple(load(file) for file in sorted(folder.glob("*.toml")))
