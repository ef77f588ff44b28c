"""The doctor's lines on libraries and card profiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from bridge.card.profiles.file import ProfileError
from bridge.card.profiles.profile import UNKNOWN, Profile
from bridge.card.profiles.recognition import Profiles, profiles
from bridge.doctor.check import Check
from bridge.settings import Settings


def examine(loaded: Settings) -> Iterator[Check]:
    """A profile that cannot be used stops every card: nothing else is then worth saying."""
    try:
        known = profiles(loaded.card.profiles)
    except ProfileError as error:
        yield Check("profiles", False, f"カードプロファイルを使えません: {error}", f"unusable card profile: {error}")
        return
    yield from _libraries(loaded, known)
    if loaded.card.profiles:
        yield from (_own(profile, known) for profile in known.own)
    if loaded.card.practice:
        yield Check("practice", True, "練習用カードが有効です", "the practice card is on")


def _libraries(loaded: Settings, known: Profiles) -> Iterator[Check]:
    named, chosen = known.libraries(), known.chosen(loaded.card.modules)
    for path in chosen:
        yield _library(path, named.get(path, []))
    if not chosen and not loaded.card.practice:
        yield Check(
            "modules",
            False,
            "カード用ライブラリが見つかりません。認証局のソフトをインストールしてください。別の場所にあるときは、"
            "管理者用の設定ファイルの card.modules に書いてください。",
            "No card library was found: install the certification authority's software. If it is in an unusual place, "
            "name it in card.modules of the machine's settings file.",
        )


def _library(path: Path, of: Iterable[Profile]) -> Check:
    found = path.is_file()
    ja, en = (", ".join(sorted({profile.label.said(tongue) for profile in of})) for tongue in ("ja", "en"))
    hint = "" if found else " 認証局のソフトをインストールしてください。"
    step = "" if found else ": not found; install the certification authority's software"
    return Check(
        "module",
        found,
        f"カード用ライブラリ {path}{f'（{ja}）' if ja else ''}{hint}",
        f"card library {path}{f' ({en})' if en else ''}{step}",
    )


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
