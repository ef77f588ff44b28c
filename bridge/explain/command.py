"""`card-bridge explain CODE`: for whoever reads a code on a screen, in a log, or in an old list of a help desk."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from typing import Any

from bridge import settings
from bridge.card.profiles.recognition import profiles
from bridge.explain import callers, explanation
from bridge.explain.callers import Who
from bridge.settings import Settings, SettingsError

_UNKNOWN = {
    "ja": "{code}: このコードはありません。{near}",
    "en": "{code}: there is no such code.{near}",
}
_NEAR = {"ja": "近いもの: {}", "en": " Near it: {}"}
_OLD = {"ja": "従来の電子入札補助アプリのコード: {}", "en": "code of the earlier helper: {}"}


def run(argv: list[str]) -> int:
    """Exit status 2 when a code is none of ours and none that is known of the earlier helper."""
    arguments = _parser().parse_args(argv)
    loaded = _settings()
    language = arguments.language or ("ja" if loaded is None else settings.language(loaded))
    found = [_found(code, language) for code in arguments.code or explanation.codes()]
    if arguments.code:  # below each of them all, a list of every authority would bury the codes
        _add_contacts([entry for entries in found for entry in entries or ()], loaded or Settings(), language)
    known = [entry for entry in found if entry is not None]
    if arguments.json:
        print(json.dumps([entry for entries in known for entry in entries], ensure_ascii=False, indent=1))
    else:
        print("\n\n".join(_written(entry, language) for entries in known for entry in entries))
    for code, entries in zip(arguments.code, found, strict=False):
        if entries is None:
            print(_unknown(code, language), file=sys.stderr)
    return 2 if None in found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge explain", description="What a code means, what to do next, whom to call. Without CODE: all."
    )
    parser.add_argument(
        "code", nargs="*", metavar="CODE", help="a code such as pin_locked, or an old helper's such as 03002"
    )
    parser.add_argument("--language", choices=("ja", "en"), help="the language of the output")
    parser.add_argument("--json", action="store_true", help="as JSON")
    return parser


def _settings() -> Settings | None:
    """Settings that cannot be read are the doctor's affair: a code is explained all the same."""
    try:
        return settings.load(None)
    except SettingsError:
        return None


def _add_contacts(entries: list[dict[str, Any]], loaded: Settings, language: str) -> None:
    """Where the one to call is reached: of authorities, each whose card a profile describes."""
    for entry in entries:
        who = callers.who(entry["code"]) if entry["code"] in explanation.codes() else Who.NOBODY
        if who is Who.AUTHORITY:
            entry["contacts"] = _authorities(loaded, language)
        else:
            entry["contacts"] = [line] if (line := callers.line(who, loaded.contact, language)) else []


def _authorities(loaded: Settings, language: str) -> list[str]:
    try:
        known = profiles(loaded.card.profiles)
    except SettingsError:
        known = profiles("")
    return [f"{each.label.said(language)}: {each.contact.said(language)}" for each in known if each.contact]


def _found(code: str, language: str) -> list[dict[str, Any]] | None:
    if code in explanation.codes():
        return [explanation.explain(code, language)._asdict()]
    if code in explanation.old_codes():
        old = explanation.explain_old(code, language)
        return [
            {"code": code, "title": old.text},
            *(explanation.explain(one, language)._asdict() for one in old.codes),
        ]
    return None


def _written(entry: dict[str, Any], language: str) -> str:
    heading = f"{entry['code']}  {entry['title']}"
    lines = [f"  {entry[part]}" for part in ("detail", "help", "call") if part in entry]
    lines.extend(f"    {contact}" for contact in entry.get("contacts", ()))
    if entry.get("old"):
        lines.append("  " + _OLD[language].format(", ".join(entry["old"])))
    return "\n".join([heading, *lines])


def _unknown(code: str, language: str) -> str:
    near = difflib.get_close_matches(code, (*explanation.codes(), *explanation.old_codes()), n=3)
    return _UNKNOWN[language].format(code=code, near=_NEAR[language].format(", ".join(near)) if near else "")
