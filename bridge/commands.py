"""`card-bridge cards`, `choices` and `practice`: what a person asks in a terminal, without a running daemon."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bridge import problems, settings
from bridge.card.client import HostClient
from bridge.card.practice import slot as practice_slot
from bridge.card.practice.scenarios import Scenario
from bridge.card.profiles.recognition import profiles
from bridge.choices import Choices
from bridge.errors import BridgeError
from bridge.settings import Settings, SettingsError


def cards(argv: list[str]) -> int:
    """List every card that the configured libraries know. Exit status 1 when there is none."""
    parser = _parser("cards", "List readers, cards and certificates. Talks to no PIN and spends no try.")
    parser.add_argument("--json", action="store_true", help="the same as JSON")
    return _with_settings(parser, argv, _cards)


def choices(argv: list[str]) -> int:
    """What was chosen for each site, and taking it back."""
    parser = _parser("choices", "The certificate chosen for each site. Forget one, and its next page asks again.")
    parser.add_argument("action", choices=("list", "forget"))
    parser.add_argument("origin", nargs="?", metavar="ORIGIN", help="with forget: this site alone (https://…)")
    return _with_settings(parser, argv, _choices)


def practice(argv: list[str]) -> int:
    """Handle the practice cards as a person handles cards."""
    parser = _parser(
        "practice", "The practice cards (練習用カード): put one in, take it out, exchange it, or make new ones."
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("action", nargs="?", choices=("insert", "remove", "swap", "reset", "state"))
    what.add_argument("--scenario", choices=tuple(Scenario), help="put in a new card that something is wrong with")
    parser.epilog = (
        "swap puts in the other card, 更新用の練習カード for ICカード更新, and back. "
        "reset makes new cards with a new practice CA: a locked card works again, PIN 1234. "
        "After a scenario, insert puts the usual card in again."
    )
    return _with_settings(parser, argv, _practice)


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"card-bridge {name}", description=description)
    parser.add_argument("--config", type=Path, metavar="FILE", help="use this settings file instead of the usual ones")
    return parser


def _with_settings(
    parser: argparse.ArgumentParser, argv: list[str], work: Callable[[argparse.Namespace, Settings], int]
) -> int:
    arguments = parser.parse_args(argv)
    try:
        loaded = settings.load(arguments.config)
        return _reported(work, arguments, loaded)
    except SettingsError as error:
        print(f"card-bridge: {error.text(settings.language())}", file=sys.stderr)
        return 2


def _reported(
    work: Callable[[argparse.Namespace, Settings], int], arguments: argparse.Namespace, loaded: Settings
) -> int:
    try:
        return work(arguments, loaded)
    except BridgeError as error:
        text = problems.problem(error, settings.language(loaded))
        print(f"card-bridge: {text['title']} ({error.code})\n{text['detail']}\n{text['help']}", file=sys.stderr)
        return 1


def _cards(arguments: argparse.Namespace, loaded: Settings) -> int:
    profiles(loaded.card.profiles)  # said here with file and key, which a card host's end would not say
    tokens = asyncio.run(_list_tokens(loaded, arguments.config))
    if arguments.json:
        print(json.dumps(tokens, ensure_ascii=False, indent=1))
    for token in [] if arguments.json else tokens:
        _print_token(token)
    return 0


async def _list_tokens(loaded: Settings, config: Path | None) -> list[dict[str, Any]]:
    client = HostClient(config, loaded.card.host_deadline_seconds, 1.0, lambda event: None, command=loaded.card.host)
    try:
        tokens: list[dict[str, Any]] = (await client.call("certificates", {}))["tokens"]
    finally:
        await client.close()
    return tokens


def _print_token(token: dict[str, Any]) -> None:
    tries = token["tries"]
    left = tries["count"] if tries["count"] is not None else tries["hint"]
    print(f"{token['reader']}: {token['label']} ({token['profile']}), PIN tries left: {left}")
    for item in token["certificates"]:
        if item.get("locked"):
            print("  its certificate can be read only after the PIN")
            continue
        print(f"  {item['holder'].get('name') or item['subject']}  {item['holder'].get('organization') or ''}")
        print(f"    serial {item['serial']}  issuer {item['issuer']}  expiry {item['expiry']} ({item['state']})")


def _choices(arguments: argparse.Namespace, loaded: Settings) -> int:
    kept = Choices(settings.card_directory(loaded))
    if arguments.action == "list":
        for each in kept.all():
            print(f"{each.origin}  {each.purpose}  {each.key}")
        return 0
    for each in kept.forget(arguments.origin):
        print(f"forgotten: {each.origin}  {each.purpose}")
    return 0


def _practice(arguments: argparse.Namespace, loaded: Settings) -> int:
    directory = _practice_directory(loaded)
    if arguments.scenario is not None:
        _begin(directory, Scenario(arguments.scenario))
        return 0
    match arguments.action:
        case "reset":
            _issue(directory)
        case "insert":
            _ensure(directory)
            practice_slot.insert(directory)
        case "remove":
            practice_slot.remove(directory)
        case "swap":
            _ensure(directory)
            practice_slot.insert(directory, _other_card(directory))
    _print_practice_state(directory)
    return 0


def _begin(directory: Path, scenario: Scenario) -> None:
    from bridge.card.practice import pki as practice_pki  # loads cryptography

    _ensure(directory)
    practice_pki.issue_scenario(directory, scenario, datetime.now(UTC))
    practice_slot.insert(directory, scenario)
    print(f"the practice card of the scenario {scenario} is in the reader; back: card-bridge practice insert")


def _practice_directory(loaded: Settings) -> Path:
    return settings.card_directory(loaded) / "practice"


def _issue(directory: Path) -> None:
    from bridge.card.practice import pki as practice_pki  # loads cryptography

    practice_pki.issue(directory, datetime.now(UTC))
    practice_slot.insert(directory)


def _ensure(directory: Path) -> None:
    if not all(practice_slot.card_file(directory, name).exists() for name in _PRACTICE_CARDS):
        from bridge.card.practice import pki as practice_pki  # loads cryptography

        practice_pki.ensure(directory, datetime.now(UTC))


_PRACTICE_CARDS = (practice_slot.FIRST, practice_slot.RENEWAL)


def _other_card(directory: Path) -> str:
    word = practice_slot.insertion(directory)
    first_is_in = word is None or practice_slot.inserted_card(word) == practice_slot.FIRST
    return practice_slot.RENEWAL if first_is_in else practice_slot.FIRST


def _print_practice_state(directory: Path) -> None:
    from bridge.card.practice import card  # loads cryptography

    if not practice_slot.card_file(directory).exists():
        print("no practice card here yet: card-bridge practice insert")
        return
    word = practice_slot.insertion(directory)
    inserted = practice_slot.inserted_card(word) if word is not None else None
    for name in _PRACTICE_CARDS:
        if practice_slot.card_file(directory, name).exists():
            where = "in the reader" if name == inserted else "not in the reader"
            left = card.read(directory, name).tries_left
            print(f"{card.LABELS[name]} {where}, PIN tries left: {left} of {card.MAX_TRIES}")
