"""`card-bridge verify FILE`: the verifier of 検証機能 in a terminal, with a folder of whom to believe."""

from __future__ import annotations

import argparse
import errno
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from portal import texts
from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures import der
from portal.signatures.certificate import CertificateView
from portal.signatures.trust import Trust, TrustError
from portal.verification.time_stamp import Judged
from portal.verification.verdicts import Times, Verdict, judge, judge_opened

if TYPE_CHECKING:
    from portal.verification.pdf import PdfVerdict


def verify(argv: list[str]) -> int:
    """Exit status 1: not valid, 2: what was typed, or a file, cannot be used."""
    arguments = _parser().parse_args(argv)
    try:
        trust = Trust(_folders(arguments.trust))
        if _is_pdf(arguments.file):
            return _verify_pdf(arguments, trust)
        beside = None if arguments.content is None else arguments.content.read_bytes()
        verdict = _judged(arguments.file, beside, trust, Times(_time_trust(arguments.trust)))
    except Refused as error:  # document_missing, and what stands in a PDF's way as a whole
        return _say(error.code, arguments.language, 2 if error.code == "document_missing" else 1)
    except ImportError as error:
        print(f"card-bridge: this file needs {error.name}: install the extra “documents”", file=sys.stderr)
        return 2
    except TrustError as error:
        print(f"card-bridge: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"card-bridge: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    if verdict.refusal is not None:
        return _say(verdict.refusal.code, arguments.language, 1, verdict.refusal.when)
    print(json.dumps(_facts(verdict), ensure_ascii=False, indent=1))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge verify",
        description="Is a signature file valid, whose is it, when was it made? Fetches nothing, believes nobody but "
        "the CAs in the folder, and requires a current revocation list of each. A time-stamp is told "
        "beside the verdict, with whether its authority is believed.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="CMS in DER: .p7s, .p7m, a statement; PDF; or XAdES")
    parser.add_argument("--content", type=Path, metavar="DOCUMENT", help="the document of a detached signature")
    parser.add_argument(
        "--trust",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="holds anchors/, as needed intermediates/, crls/; for time-stamps a folder timestamps/ of the same kind",
    )
    parser.add_argument("--language", choices=("ja", "en"), default="ja")
    return parser


def _folders(root: Path) -> TrustFolders:
    """Raises NotADirectoryError."""
    if not (root / "anchors").is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is no folder of trust anchors", str(root / "anchors"))
    return TrustFolders(root / "anchors", root / "intermediates", root / "crls", root / "past-crls")


def _is_pdf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"%PDF-"


def _verify_pdf(arguments: argparse.Namespace, trust: Trust) -> int:
    """Every signature in it has to be valid. Raises OSError, Refused, ImportError."""
    from portal.verification import pdf  # loads pyHanko, which an installation may come without

    verdicts = pdf.judge(arguments.file, datetime.now(UTC), trust, _time_trust(arguments.trust))
    found = [_pdf_facts(each) for each in verdicts]
    refused = [each.refusal for each in verdicts if each.refusal is not None]
    print(json.dumps({"valid": not refused, "signatures": found}, ensure_ascii=False, indent=1))
    for refusal in refused:
        _say(refusal.code, arguments.language, 1, refusal.when)
    return 1 if refused else 0


def _pdf_facts(verdict: PdfVerdict) -> dict[str, object]:
    if verdict.refusal is not None or verdict.signer is None:
        return {"field": verdict.field, "valid": False, "code": verdict.refusal and verdict.refusal.code}
    when = None if verdict.signed_at is None else verdict.signed_at.isoformat()
    stamped = None if verdict.stamped_at is None else verdict.stamped_at.isoformat()
    told = {"signedAtBySigner": when, "timeStamp": stamped, "addedAfterwards": verdict.added}
    return {"field": verdict.field, "valid": True, **told, "signer": _named(verdict.signer)}


def _judged(path: Path, beside: bytes | None, trust: Trust, times: Times) -> Verdict:
    """Raises OSError, Refused (document_missing), ImportError where an installation comes without lxml."""
    now = datetime.now(UTC)
    if not _is_xml(path):
        return judge(_read(path), beside, now, trust, der.LARGEST, times)
    from portal.verification import xml

    return judge_opened(lambda: xml.open_file(path, beside, stamps=True), now, trust, times)


def _is_xml(path: Path) -> bool:
    """Its first bytes, in UTF-8 or UTF-16; DER begins with none of them."""
    with path.open("rb") as file:
        begin = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    return begin.startswith((b"<", b"\xff\xfe", b"\xfe\xff"))


def _time_trust(root: Path) -> Trust | None:
    """Whom to believe about time: nobody who is not named for it."""
    folder = root / "timestamps"
    return Trust(_folders(folder)) if folder.is_dir() else None


def _read(path: Path) -> bytes:
    """As much as can be judged; one byte more is refused by the verifier itself."""
    with path.open("rb") as file:
        return file.read(der.LARGEST + 1)


def _facts(verdict: Verdict) -> dict[str, object]:
    signed = verdict.signed
    if signed is None:
        return {"valid": True}
    when = None if signed.signed_at is None else signed.signed_at.isoformat()
    named = _named(signed.signer)
    listed = {} if verdict.listed is None else {"revocationListEnded": verdict.listed.isoformat()}
    told: dict[str, object] = {
        "valid": True,
        "verifiedAt": verdict.time.isoformat(),
        **listed,
        "signedAtBySigner": when,
        "signer": named,
    }
    return told if signed.stamp is None else {**told, "timestamp": _stamp(signed.stamp)}


def _stamp(judged: Judged) -> dict[str, object]:
    """`trusted` false: the time is a stranger's word, `why` by the code of the refusal."""
    stamp, refusal = judged.stamp, judged.refusal
    named = {"time": stamp.time.isoformat(), "authority": judged.authority, "serial": str(stamp.serial)}
    told = {**named, "policy": stamp.policy, "trusted": refusal is None}
    return told if refusal is None else {**told, "why": refusal.code}


def _named(signer: CertificateView) -> dict[str, str]:
    return {"subject": signer.subject, "issuer": signer.issuer, "serial": signer.serial, "sha256": signer.sha256}


def _say(code: str, language: str, status: int, when: datetime | None = None) -> int:
    said = texts.verdict(code, language)
    text = "\n".join((f"{said.title} ({code})", said.detail, said.help))
    print(text.replace("{when}", "" if when is None else when.isoformat()), file=sys.stderr)
    return status
