"""`card-bridge sign FILE…`: documents signed from a terminal, by the same card host, windows, ledger and record."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import os
import shutil
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from bridge import problems, settings
from bridge.audit.keeping import Audit
from bridge.audit.record import Record
from bridge.card.client import HostClient
from bridge.choices import Choices
from bridge.desk import Desk
from bridge.errors import BadRequest, BridgeError
from bridge.formats.preparation import Preparation
from bridge.formats.visible import Visible
from bridge.messages import Certificates
from bridge.progress import Progress
from bridge.progress_line import ProgressLine
from bridge.requested import HASHES, LEVELS, MAX_DOCUMENTS, Document, Format, SignDocuments
from bridge.scratch import Scratch
from bridge.service import Clocks, Service
from bridge.settings import Settings, SettingsError
from bridge.timestamps.stamped_host import StampedHost, stamper_of

ORIGIN = "card-bridge sign"
"""Stands where windows and record name a site. No site can be called so: an origin has a scheme."""
SUFFIXES = {Format.CADES_DETACHED: ".p7s", Format.CADES_ATTACHED: ".p7m", Format.XADES_DETACHED: ".xades"}
"""Behind the file's name. What is signed inside is a file of its own kind: `a.signed.xml`."""
_INSIDE = (Format.PADES, Format.XADES)
_STOPPED = {
    "ja": "中止しました。上に名前があるもののほかに、署名は書き出していません。\n"
    "カードがそれまでに署名していれば、その数は記録にあります（card-bridge audit）。",
    "en": "Stopped: no signature but those named above was written.\n"
    "How many the card had made by then stands in the record (card-bridge audit).",
}
_ACTION = {"ja": "コマンドによる文書への署名", "en": "Sign documents from a terminal"}


def sign(argv: list[str]) -> int:
    """Exit status 1: not signed, 2: what was typed, or a file, cannot be used, 130: stopped by Ctrl+C."""
    arguments = _parser().parse_args(argv)
    try:
        loaded = settings.load(arguments.config)
        outputs = _outputs(arguments)
        asyncio.run(_signed(arguments, loaded, outputs))
    except SettingsError as error:
        return _refuse(error.text(settings.language()), 2)
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}", 2)
    except KeyboardInterrupt:
        return _refuse(_STOPPED[settings.language(loaded)], 130)
    except BridgeError as error:
        text = problems.problem(error, settings.language(loaded))
        which = "" if error.document is None else f"{arguments.files[error.document]}: "
        return _refuse(f"{which}{text['title']} ({error.code})\n{text['detail']}\n{text['help']}", 1)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge sign",
        description="Sign files with the card: one window that lists them all, one PIN. Each signature stands in the "
        "record (card-bridge audit).",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=f"at most {MAX_DOCUMENTS}")
    parser.add_argument(
        "--format",
        choices=[str(each) for each in (*SUFFIXES, *_INSIDE)],
        default=str(Format.CADES_DETACHED),
        help="cades-detached: FILE.p7s beside the file (default); cades-attached: FILE.p7m, which holds it; "
        "xades-detached: FILE.xades beside it; xades (XML), pades (PDF): NAME.signed.xml or .pdf, signed inside",
    )
    parser.add_argument(
        "--visible",
        type=_place,
        metavar="PAGE,LEFT,BOTTOM,RIGHT,TOP",
        help="pades: where the signature is to be seen, in points from the page's lower left corner",
    )
    parser.add_argument("--hash", choices=tuple(HASHES), default="SHA-256")
    parser.add_argument(
        "--level", choices=LEVELS, default=LEVELS[0], help="B-T: only with a time-stamp; a policy may give one anyway"
    )
    parser.add_argument("--certificate", metavar="ID", help="SHA-256 of the certificate; else you are asked if need be")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="where the signatures go instead")
    parser.add_argument("--config", type=Path, metavar="FILE", help="use this settings file instead of the usual ones")
    return parser


def _place(text: str) -> Visible:
    try:
        page, *box = map(int, text.split(","))
        return Visible.parse({"page": page, "box": box})
    except (ValueError, BadRequest) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _outputs(arguments: argparse.Namespace) -> list[Path]:
    """Where the signatures will go: looked at before anybody is asked for a PIN. Raises OSError."""
    if len(arguments.files) > MAX_DOCUMENTS:
        raise OSError(errno.E2BIG, f"more than {MAX_DOCUMENTS} files", str(arguments.files[MAX_DOCUMENTS]))
    found = [(arguments.output or file.parent) / _named(file, Format(arguments.format)) for file in arguments.files]
    for at, output in enumerate(found):
        if output.exists() or output in found[:at]:
            raise FileExistsError(errno.EEXIST, "is there already", str(output))
        if not os.access(output.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "cannot be written to", str(output.parent))
    for file in arguments.files:
        _require_name(file)
        file.open("rb").close()
    return found


def _require_name(file: Path) -> None:
    """Window, frames and a signature's URI are UTF-8, and another computer would not find the file. Raises OSError."""
    try:
        str(file.resolve()).encode()
    except UnicodeEncodeError as error:
        raise OSError(errno.EILSEQ, "its name, or a folder's, is not UTF-8: rename it", str(file)) from error


def _named(file: Path, format_: Format) -> str:
    return f"{file.stem}.signed{file.suffix}" if format_ in _INSIDE else file.name + SUFFIXES[format_]


async def _signed(arguments: argparse.Namespace, loaded: Settings, outputs: Sequence[Path]) -> None:
    clocks = Clocks(lambda: datetime.now(UTC), time.monotonic)
    limit = loaded.card.host_deadline_seconds
    host = HostClient(arguments.config, limit, 1.0, lambda event: None, command=loaded.card.host)
    record = Audit(Record(settings.audit_directory(loaded), clocks.now, loaded.audit.days), clocks.monotonic)
    stamper = stamper_of(loaded.timestamps, clocks.monotonic)
    choices = Choices(settings.card_directory(loaded))
    service = Service(StampedHost(host, stamper), clocks, choices, list, Desk(), record)
    line = ProgressLine(sys.stderr, settings.language(loaded))
    scratch = tempfile.TemporaryDirectory(prefix="card-bridge-")
    service.preparation = Preparation(Scratch(Path(scratch.name)))
    try:
        certificate = arguments.certificate or await _certificate(service)
        words = _ACTION[settings.language(loaded)]
        documents = _documents(arguments)
        request = SignDocuments(
            certificate, None, keep_pin_session=False, action=words, documents=documents, level=arguments.level
        )
        answer = await service.answer(ORIGIN, request, Progress(line.tell))
        for output, made in zip(outputs, answer["signatures"], strict=True):
            _write(output, made)
            print(output)
    finally:
        line.end()
        scratch.cleanup()
        await host.close()
        if stamper is not None:
            await stamper.close()
        await record.close()


async def _certificate(service: Service) -> str:
    """The one that signs, chosen in the bridge's window where there are several. Raises BridgeError."""
    found = (await service.answer(ORIGIN, Certificates("sign", all=False)))["certificates"]
    return next((str(each["id"]) for each in found if "id" in each), "")


def _documents(arguments: argparse.Namespace) -> tuple[Document, ...]:
    named = Format(arguments.format), arguments.hash
    files: Sequence[Path] = arguments.files
    place = arguments.visible if Format(arguments.format) is Format.PADES else None
    return tuple(Document(file.name, *named, "path", str(file.resolve()), place) for file in files)


def _write(path: Path, made: dict[str, Any]) -> None:
    """A new file or none."""
    with path.open("xb") as file, _content(made) as content:
        try:
            shutil.copyfileobj(content, file)
        except OSError:
            with contextlib.suppress(OSError):
                path.unlink()
            raise


def _content(made: dict[str, Any]) -> BinaryIO:
    return Path(made["result"]["document"]).open("rb") if "result" in made else BytesIO(b64decode(made["signature"]))


def _refuse(text: str, status: int) -> int:
    print(f"card-bridge: {text}", file=sys.stderr)
    return status
