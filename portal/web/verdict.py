"""A verdict as the page of 検証機能 lists it: panels of label and value, in the words of the procedure. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from portal import texts
from portal.form.sections import NOT_ON_CARD
from portal.settings import Site
from portal.signatures.certificate import TOKYO, CertificateView
from portal.signatures.statement import Statement, confirmation_number
from portal.store import Receipt
from portal.verification import reading
from portal.verification.document import DATA
from portal.verification.opening import Content, Within
from portal.verification.time_stamp import Judged
from portal.verification.verdicts import Mark, Signed, Verdict
from portal.web.uploads import File

_KINDS = {DATA: f"文書（{DATA}）"}
_SIGNATURES = (".p7m", ".p7s", ".p7b", ".der", ".cms")


class Fact(NamedTuple):
    label: str
    value: str


class Panel(NamedTuple):
    """A heading and its facts; named as the template of signed sections names them."""

    label: str
    value: list[Fact]


def panels(verdict: Verdict, files: Mapping[str, File], site: Site) -> list[Panel]:
    """What may be shown: of the file's own words only what the verdict stands for."""
    found: list[Panel] = []
    if verdict.receipt is not None:
        found.append(_receipt(verdict.receipt))
    if verdict.signed is not None:
        found += _signed(verdict.signed, files, site)
    several = len(verdict.marks) > 1
    for number, mark in enumerate(verdict.marks, 1):
        if several or mark.signed is not None:  # why the only one is refused stands above
            found.append(_mark(mark, number if several else None))
    return [*found, _file(files["file"], verdict)]


def document(verdict: Verdict) -> bytes | None:
    """The document inside a valid file, to be taken out; None when there is none or it is not valid."""
    match verdict:
        case Verdict(refusal=None, signed=Signed(content=Content(data=data, detached=False))):
            return data
    return None


def inner_name(name: str) -> str:
    """What to call the document inside a signature file: 内訳書.pdf for 内訳書.pdf.p7m."""
    stem = name[:-4] if name.lower().endswith(_SIGNATURES) else name
    return stem.strip(". ") or "document"


def _receipt(receipt: Receipt) -> Panel:
    return Panel(
        "登録済みの受領データと一致",
        [
            Fact(*receipt.identity),
            Fact("受領日時", f"{_moment(receipt.received)}（電子入札システムの時計）"),
        ],
    )


def _signed(signed: Signed, files: Mapping[str, File], site: Site) -> list[Panel]:
    who = Panel("署名した人", list(_who(signed)))
    match signed.content:
        case Statement() as statement:
            return [who, *_statement(statement, site)]
        case Content() as content:
            return [who, _document(content, files)]
        case Within():
            inside = f"{files['file'].name}（署名はこの中にあります）"
            return [who, Panel("署名した文書", [Fact("文書名", inside), Fact("署名の範囲", "文書の全体")])]


def _mark(mark: Mark, number: int | None) -> Panel:
    """One of a PDF's signatures, with a number where there are several."""
    told = [Fact("結果", "有効" if mark.refusal is None else texts.verdict(mark.refusal.code).detail)]
    if mark.signed is not None:
        told += _who(mark.signed)
        if isinstance(mark.signed.content, Within) and mark.signed.content.added:
            told.append(Fact("署名のあと", "この署名が認めている追加（別の署名や記入欄への記入）があります"))
        told.append(Fact("署名欄", mark.field))
    return Panel("PDFの署名" if number is None else f"PDFの署名（{number}）", told)


def _who(signed: Signed) -> Iterable[Fact]:
    at = "記載なし" if signed.signed_at is None else f"{_moment(signed.signed_at)}（署名したパソコンの時計）"
    yield from _signer(signed.signer)
    yield Fact("署名日時", at)
    if signed.stamp is not None:
        yield from _stamp(signed.stamp)


def _stamp(judged: Judged) -> Iterable[Fact]:
    """The time that an authority says, or that nobody here can say whether it is one."""
    if judged.refusal is None:
        yield Fact("タイムスタンプ", f"{_moment(judged.stamp.time)}（信頼するタイムスタンプ局の時計）")
        yield Fact("タイムスタンプ局", judged.authority)
    else:
        yield Fact("タイムスタンプ", texts.verdict(judged.refusal.code).detail)


def _signer(signer: CertificateView) -> Iterable[Fact]:
    yield Fact("ICカード取得者氏名", signer.holder or NOT_ON_CARD)
    yield Fact("ICカード企業名称", signer.organization or NOT_ON_CARD)
    yield Fact("証明書発行者", signer.issuer)
    yield Fact("証明書シリアル番号", signer.serial)
    yield Fact("証明書有効期限", signer.expiry)


def _statement(statement: Statement, site: Site) -> list[Panel]:
    number = confirmation_number(statement.type, statement.action, statement.aud, statement.nonce, statement.payload)
    here = "（この電子入札システム）"
    about = [
        Fact("操作", statement.action),
        Fact("署名したサイト", statement.origin + (here if statement.origin == site.origin else "")),
        Fact("宛先", statement.aud + (here if statement.aud == site.audience else "")),
        Fact("確認番号", f"{number[:4]} {number[4:]}"),
    ]
    listed: list[Panel] = []
    for heading, lines in reading.blocks(statement.payload):
        told = [Fact(*line) for line in lines]
        if heading:
            listed.append(Panel(heading, told))
        else:
            about += told
    return [Panel("署名した手続", about), *listed]


def _document(content: Content, files: Mapping[str, File]) -> Panel:
    name = files["document"].name if content.detached else f"{inner_name(files['file'].name)}（署名ファイルの中）"
    return Panel(
        "署名した文書",
        [Fact("文書名", name), *_weight(content.data), Fact("内容の種類", _KINDS.get(content.type, content.type))],
    )


def _file(file: File, verdict: Verdict) -> Panel:
    told = [Fact("ファイル名", file.name), *_weight(file.data), Fact("検証日時", _moment(verdict.time))]
    if verdict.listed is not None:
        told.append(Fact("失効情報", f"{_moment(verdict.listed)}まで有効だったもので確かめました（猶予期間内）"))
    return Panel("検証したファイル", told)


def _weight(data: bytes) -> tuple[Fact, Fact]:
    return Fact("大きさ", f"{len(data):,}バイト"), Fact("SHA-256", hashlib.sha256(data).hexdigest())


def _moment(when: datetime) -> str:
    return when.astimezone(TOKYO).strftime("%Y/%m/%d %H:%M:%S")
