"""The doctor's lines on libraries and card profiles."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bridge.card.profiles.file import ProfileError
from bridge.card.profiles.profile import UNKNOWN, Profile
from bridge.card.profiles.recognition import Profiles, profiles
from bridge.doctor import binary
from bridge.doctor.binary import Build
from bridge.doctor.check import Check
from bridge.settings import Settings


def examine(loaded: Settings) -> Iterator[Check]:
    """A profile that cannot be used stops every card: nothing else is then worth saying."""
    try:
        known = profiles(loaded.card.profiles)
    except ProfileError as error:
        yield Check("profiles", False, f"カードプロファイルを使えません: {error}", f"unusable card profile: {error}")
        return
    yield from _libraries(loaded, known, host_build(loaded))
    if loaded.card.profiles:
        yield from (_own(profile, known) for profile in known.own)
    if loaded.card.practice:
        yield Check("practice", True, "練習用カードが有効です", "the practice card is on")


def _libraries(loaded: Settings, known: Profiles, host: Build) -> Iterator[Check]:
    named, chosen = known.libraries(), known.chosen(loaded.card.modules)
    for path in chosen:
        yield _library(path, named.get(path, []), host)
    if not chosen and not loaded.card.practice:
        yield Check(
            "modules",
            False,
            "カード用ライブラリが見つかりません。認証局のソフトをインストールしてください。別の場所にあるときは、"
            "管理者用の設定ファイルの card.modules に書いてください。",
            "No card library was found: install the certification authority's software. If it is in an unusual place, "
            "name it in card.modules of the machine's settings file.",
        )


def _library(path: Path, of: Iterable[Profile], host: Build) -> Check:
    ja, en = (", ".join(sorted({profile.label.said(tongue) for profile in of})) for tongue in ("ja", "en"))
    ja, en = f"カード用ライブラリ {path}{f'（{ja}）' if ja else ''}", f"card library {path}{f' ({en})' if en else ''}"
    if not path.is_file():
        return Check(
            "module",
            False,
            f"{ja} がありません。認証局のソフトをインストールしてください。",
            f"{en}: not found; install the certification authority's software",
        )
    found = binary.builds(path)
    if host in found:
        return Check("module", True, ja, en)
    if not found:
        return Check(
            "module",
            False,
            f"{ja} はライブラリのファイルではありません。認証局のソフトを入れ直してください。",
            f"{en}: no library; install the certification authority's software again",
        )
    return Check("module", False, *_unfit(ja, en, found, host))


def _unfit(ja: str, en: str, found: Iterable[Build], host: Build) -> tuple[str, str]:
    theirs = ", ".join(f"{build.bits} bit, {build.machine}" for build in found)
    ours = f"{host.bits} bit, {host.machine}"
    return (
        f"{ja} は {theirs} 用で、{ours} のカードブリッジでは使えません。認証局の{host.bits}ビット版のソフトを入れるか、"
        "管理者用の設定 card.host を確かめてください。",
        f"{en}: built for {theirs}, and the card host is {ours}; install the certification authority's software for "
        f"{host.bits} bits, or see the setting card.host",
    )


def host_build(loaded: Settings) -> Build:
    """What loads the libraries: our own program, or the one that `card.host` names, if its file says what it is."""
    if loaded.card.host:
        with contextlib.suppress(OSError):
            return next(iter(binary.builds(Path(loaded.card.host[0]))), binary.own())
    return binary.own()


def _own(profile: Profile, known: Profiles) -> Check:
    """A profile of the administrator's folder; one that no card can have is a slip of the pen."""
    rivals = ", ".join(sorted(other.name for other in known.own if other is not profile and _same(profile, other)))
    if rivals:
        ja = f"{rivals} と同じカードに当てはまり、どちらも使われません"
        en = f"fits the same cards as {rivals}: neither is used"
    elif not profile.matches and profile.name != UNKNOWN and not known.has_shipped(profile.name):
        ja, en = "[[match]] がなく、どのカードにも当てはまりません", "has no [[match]] and describes no card"
    else:
        return Check("profile", True, f"カードプロファイル {profile.name}", f"card profile {profile.name}")
    return Check("profile", False, f"カードプロファイル {profile.name}: {ja}", f"card profile {profile.name}: {en}")


def _same(one: Profile, other: Profile) -> bool:
    return bool(set(one.matches) & set(other.matches))
