"""The portal's command line: thin, over settings, store and service."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from portal.archive import command as archive
from portal.archive.backup import Unusable
from portal.form import sections
from portal.moving import command as moving
from portal.officers import command as officials
from portal.officers.command import OfficerFault
from portal.operation.practice import practising
from portal.qualification import command as importing
from portal.qualification import reading
from portal.qualification.command import ChangedMeanwhile
from portal.qualification.reading import ImportFault
from portal.registration.admission import waits_for
from portal.settings import Settings, SettingsError, beside, load_settings
from portal.signatures.certificate import TOKYO
from portal.signatures.signing import utc_now
from portal.signatures.trust import Trust, TrustError
from portal.store import Registration, State, Store, StoreFault, open_store, outbox
from portal.store.migrations import command as migrating
from portal.store.schema import SchemaError

_FAULTS = (SettingsError, SchemaError, TrustError, ImportFault, ChangedMeanwhile, Unusable, OfficerFault)
_ALONE: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
    "migrate": migrating.run,
    "move-database": moving.run,
}
"""Commands that open the database by themselves."""
Command = Callable[[argparse.Namespace, Settings, Store], Awaitable[int]]


def main(argv: list[str]) -> int:
    """Runs one command. 0: done; 1: not done, the reason on stderr; 2: not a command."""
    arguments = _parser().parse_args(argv)
    try:
        settings = load_settings(arguments.config)
        if arguments.practice:
            settings = practising(settings)
        if arguments.command == "serve":
            return _serve(beside(settings, arguments.instance))
        if arguments.command in archive.ADDED:
            return archive.run(arguments, settings)
        if arguments.command in _ALONE:
            return _ALONE[arguments.command](arguments, settings)
        return asyncio.run(_with_store(arguments, settings))
    except (*_FAULTS, OSError, StoreFault) as error:
        print(f"portal: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge portal",
        description="The registration portal: serves the procedure's pages, verifies what cards sign, stores it.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = _command(commands, "serve", "serve the portal over TLS until SIGTERM")
    serve.add_argument(
        "--instance", type=int, choices=range(1, 100), default=0, metavar="N",
        help="the Nth of several side by side: its ports are listen.port and watch.port plus N",
    )  # fmt: skip
    init = _command(commands, "init", "make or migrate the database and check the trust folders")
    init.add_argument("--samples", action="store_true", help="put the sample contractors in (for practice)")
    migrating.add_arguments(_command(commands, "migrate", migrating.HELP))
    moving.add_arguments(_command(commands, "move-database", moving.HELP))
    importer = _command(commands, "import-contractors", "read qualification data from a CSV file, all or nothing")
    importing.add_arguments(importer)
    _command(commands, "list", "list the registrations: 企業ID, 受付番号, 業者番号, state, time, why it waits")
    show = _command(commands, "show", "show what is registered for a 企業ID, card by card")
    show.add_argument("id", help="企業ID, 16 digits")
    fetch = _command(commands, "fetch-crls", "keep up the revocation lists of the settings' sources, once")
    fetch.add_argument("--check", action="store_true", help="fetch nothing, look only how long the lists are good")
    fetch.add_argument("--metrics", type=Path, metavar="FILE", help="write figures for Prometheus into this file")
    officers = _command(commands, "officers", "who may log in to the agency's own pages: add, remove, list")
    officials.add_arguments(officers)
    send = _command(commands, "send-mail", "send the mails that are due, once; `serve` does so by itself")
    send.add_argument("--again", action="store_true", help="also those that were refused or given up")
    export = _command(commands, "export-cms", "write the signed statement (CMS, DER) as it was received")
    export.add_argument("id", help="企業ID, 16 digits")
    export.add_argument("file", type=Path, help="file to write; with several cards, FILE, FILE.2, FILE.3 …")
    for name, (text, add_arguments) in archive.ADDED.items():
        add_arguments(_command(commands, name, text))
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.add_argument("--config", type=Path, required=True, metavar="FILE", help="the portal's settings (TOML)")
    command.add_argument(
        "--practice", action="store_true", help="the portal for practice beside it: banner, own database, no mail sent"
    )
    return command


def _serve(settings: Settings) -> int:
    from portal.web import app  # the web stack only where it serves

    return app.run(settings)


async def _with_store(arguments: argparse.Namespace, settings: Settings) -> int:
    store = await open_store(settings.database, settings.postgresql)
    try:
        return await _COMMANDS[arguments.command](arguments, settings, store)
    finally:
        await store.close()


async def _init(arguments: argparse.Namespace, settings: Settings, store: Store) -> int:
    trust = Trust(settings.trust)
    if arguments.samples:
        await store.import_contractors(reading.samples())
    print(f"database: {settings.database}")
    print(f"trust anchors: {trust.anchors}" + ("" if trust.anchors else f" (none in {settings.trust.anchors})"))
    return 0


async def _import(arguments: argparse.Namespace, settings: Settings, _: Store) -> int:
    return await importing.run(arguments, settings)


async def _fetch(arguments: argparse.Namespace, settings: Settings, store: Store) -> int:
    from portal.revocation import command  # the web stack's client only where it fetches

    return await command.run(arguments, settings, store)


async def _officers(arguments: argparse.Namespace, _: Settings, store: Store) -> int:
    return await officials.run(arguments, store)


async def _list(_: argparse.Namespace, __: Settings, store: Store) -> int:
    for registration in await store.registrations():
        print(_summary(registration))
    return 0


async def _show(arguments: argparse.Namespace, _: Settings, store: Store) -> int:
    found = await store.registrations_of(arguments.id)
    for registration in found:
        print(_summary(registration))
        for section in sections.registered_sections(registration):
            print(f"\n{section['label']}")
            for line in section["value"]:
                print(f"  {line['label']}: {line['value']}")
    return 0 if found else _unknown(arguments.id)


async def _export(arguments: argparse.Namespace, _: Settings, store: Store) -> int:
    found = await store.stored_cms(arguments.id)
    for number, cms in enumerate(found, 1):
        target = arguments.file if number == 1 else arguments.file.with_name(f"{arguments.file.name}.{number}")
        await asyncio.to_thread(target.write_bytes, cms)
        print(target)
    return 0 if found else _unknown(arguments.id)


async def _send_mail(arguments: argparse.Namespace, settings: Settings, store: Store) -> int:
    from portal.mail.sending import make_sender  # mail and web stack only where they are used
    from portal.web import logs

    sender = make_sender(settings, store)
    if sender is None:
        raise SettingsError("neither mail.host nor mail.folder is set")
    logs.start(settings.log.file, practice=settings.site.practice)
    if arguments.again:
        now = utc_now()
        print(f"waiting again: {await store.write(lambda db: outbox.revive(db, now))}")
    drained = await sender.drain()
    stand = await store.read(outbox.tally)
    print(f"sent now: {drained.sent}")
    print(f"waiting: {stand.waiting}, sent: {stand.sent}, refused: {stand.refused}, given up: {stand.failed}")
    if drained.unavailable:
        print(f"portal: no mail can be sent now: {drained.unavailable}", file=sys.stderr)
    return 1 if drained.unavailable else 0


def _summary(registration: Registration) -> str:
    created = registration.created.astimezone(TOKYO).strftime("%Y/%m/%d %H:%M:%S")
    names = (registration.company_id, registration.reception, registration.number)
    waits = waits_for(registration.remarks) if registration.state is State.PROVISIONAL else ()
    return "  ".join((*names, registration.state, created, *waits))


def _unknown(company_id: str) -> int:
    print(f"portal: no registration {company_id}", file=sys.stderr)
    return 1


_COMMANDS: dict[str, Command] = {
    "init": _init,
    "import-contractors": _import,
    "list": _list,
    "show": _show,
    "fetch-crls": _fetch,
    "officers": _officers,
    "send-mail": _send_mail,
    "export-cms": _export,
}
