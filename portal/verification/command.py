"""`card-bridge verify FILE`: the verifier of 検証機能 in a terminal, with a folder of whom to believe."""

from __future__ import annotations

import argparse
import errno
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from portal import texts
from portal.refusals import Refused
from portal.settings import TrustFolders, folders_below
from portal.signatures import der
from portal.signatures.certificate import CertificateView
from portal.signatures.trust import Trust, TrustError
from portal.verification.opening import BEGIN, Kind, Within, kind_of
from portal.verification.time_stamp import Judged
from portal.verification.verdicts import Mark, Signed, Times, Verdict, judge, judge_opened, judge_pdf


def verify(argv: list[str]) -> int:
    """Exit status 1: not valid, 2: what was typed, or a file, cannot be used."""
    arguments = _parser().parse_args(argv)
    try:
        trust = Trust(_folders(arguments.trust))
        beside = None if arguments.content is None else arguments.content.read_bytes()
        verdict = _judged(arguments.file, beside, trust, Times(_time_trust(arguments.trust)))
    except Refused as error:  # document_missing, and what stands in a file's way as a whole
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
    return _tell(verdict, arguments.language)


def _tell(verdict: Verdict, language: str) -> int:
    """The facts as JSON, and what is to be said against them for people. The exit status."""
    if verdict.refusal is not None and not verdict.marks:
        return _say(verdict.refusal.code, language, 1, verdict.refusal.when)
    facts = _marks(verdict) if verdict.marks else _facts(verdict)
    print(json.dumps(facts, ensure_ascii=False, indent=1))
    for said in verdict.marks or (verdict,):
        if said.refusal is not None:
            _say(said.refusal.code, language, 1, said.refusal.when)
        elif said.signed is not None and said.signed.stamp is not None and said.signed.stamp.refusal is not None:
            _say(said.signed.stamp.refusal.code, language, 0)
    return 0 if verdict.refusal is None else 1


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
    return folders_below(root)


def _judged(path: Path, beside: bytes | None, trust: Trust, times: Times) -> Verdict:
    """Raises OSError, Refused, ImportError where an installation comes without what reads the file's kind."""
    now = datetime.now(UTC)
    match _kind(path):
        case Kind.PDF:
            from portal.verification import pdf

            return judge_pdf(pdf.open_file(path, now), now, trust, times)
        case Kind.XML:
            from portal.verification import xml

            return judge_opened(lambda: xml.open_file(path, beside, stamps=True), now, trust, times)
    return judge(_read(path), beside, now, trust, der.LARGEST, times)


def _kind(path: Path) -> Kind:
    with path.open("rb") as file:
        return kind_of(file.read(BEGIN))


def _time_trust(root: Path) -> Trust | None:
    """Whom to believe about time: nobody who is not named for it."""
    folder = root / "timestamps"
    return Trust(_folders(folder)) if folder.is_dir() else None


def _read(path: Path) -> bytes:
    """As much as can be judged; one byte more is refused by the verifier itself."""
    with path.open("rb") as file:
        return file.read(der.LARGEST + 1)


def _marks(verdict: Verdict) -> dict[str, object]:
    """Every signature in a PDF has to be valid."""
    return {"valid": verdict.refusal is None, "signatures": [_mark(each) for each in verdict.marks]}


def _mark(mark: Mark) -> dict[str, object]:
    if mark.refusal is not None or mark.signed is None:
        return {"field": mark.field, "valid": False, "code": mark.refusal and mark.refusal.code}
    added = isinstance(mark.signed.content, Within) and mark.signed.content.added
    return {"field": mark.field, "valid": True, **_signed(mark.signed, mark.listed), "addedAfterwards": added}


def _facts(verdict: Verdict) -> dict[str, object]:
    if verdict.signed is None:
        return {"valid": True}
    return {"valid": True, "verifiedAt": verdict.time.isoformat(), **_signed(verdict.signed, verdict.listed)}


def _signed(signed: Signed, listed: datetime | None) -> dict[str, object]:
    when = None if signed.signed_at is None else signed.signed_at.isoformat()
    told: dict[str, object] = {"signedAtBySigner": when, "signer": _named(signed.signer)}
    told |= {} if listed is None else {"revocationListEnded": listed.isoformat()}
    return told if signed.stamp is None else {**told, "timestamp": _stamp(signed.stamp)}


def _stamp(judged: Judged) -> dict[str, object]:
    """`trusted` false: the time is a stranger's word; `why` by the code of the refusal, `because` by what is behind."""
    stamp, refusal = judged.stamp, judged.refusal
    named = {"time": stamp.time.isoformat(), "authority": judged.authority, "serial": str(stamp.serial)}
    told = {**named, "policy": stamp.policy, "trusted": refusal is None}
    return told if refusal is None else {**told, "why": refusal.code, "because": refusal.fact}


def _named(signer: CertificateView) -> dict[str, str]:
    return {"subject": signer.subject, "issuer": signer.issuer, "serial": signer.serial, "sha256": signer.sha256}


def _say(code: str, language: str, status: int, when: datetime | None = None) -> int:
    said = texts.verdict(code, language)
    text = "\n".join((f"{said.title} ({code})", said.detail, said.help))
    print(text.replace("{when}", "" if when is None else when.isoformat()), file=sys.stderr)
    return status
