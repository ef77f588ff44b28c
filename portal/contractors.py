"""Qualification data (資格審査情報) from CSV, as agencies have it: UTF-8 with or without BOM, or CP932. Pure."""

from __future__ import annotations

import csv
import io
import unicodedata
from importlib import resources

from portal import fields
from portal.fields import Field
from portal.search import screen
from portal.search.settings import NumberFormat
from portal.store.rows import Contractor

HEADER = ("業者番号", "商号又は名称", "郵便番号", "住所", "代表者氏名", "代表者役職")


class ImportFault(ValueError):
    """The file cannot be imported; `faults` names every bad line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def parse(data: bytes, numbers: NumberFormat = NumberFormat.ALPHANUMERIC_9) -> list[Contractor]:
    """The rows of a CSV file whose first line is HEADER. Raises ImportFault naming every bad line; nothing half."""
    rows = _rows(_decoded(data))
    if not rows or tuple(cell.strip() for cell in rows[0][1]) != HEADER:
        raise ImportFault([f"1行目: 見出しは {','.join(HEADER)} としてください。"])
    found: dict[str, Contractor] = {}
    faults: list[str] = []
    for line, cells in rows[1:]:
        fault = _fault(cells, found, screen.NUMBERS[numbers].field)
        if fault is not None:
            faults.append(f"{line}行目: {fault}")
        elif cells:
            contractor = Contractor(*(cell.strip() for cell in cells))
            found[contractor.number] = contractor
    if faults:
        raise ImportFault(faults)
    return list(found.values())


def samples() -> list[Contractor]:
    """The contractors of the practice portal, 北東組株式会社 first."""
    return parse(resources.files("portal").joinpath("contractors.csv").read_bytes())


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportFault(["文字コードはUTF-8またはShift_JIS(CP932)としてください。"])


def _rows(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise ImportFault([f"{reader.line_num}行目: CSVとして読み取れません({error})。"]) from error


def _fault(cells: list[str], found: dict[str, Contractor], form: Field) -> str | None:
    if not cells:  # an empty line
        return None
    if len(cells) != len(HEADER):
        return f"項目が{len(cells)}個あります。{len(HEADER)}個にしてください。"
    number, name, *_ = (cell.strip() for cell in cells)
    if any(unicodedata.category(character) in ("Cc", "Cf") for cell in cells for character in cell.strip()):
        return "改行などの制御文字があります。取り除いてください。"
    if fields.check({form.name: number}, (form,)):
        return f"業者番号は{form.hint}としてください。"
    if not name:
        return "商号又は名称を入力してください。"
    if number in found:
        return f"業者番号{number}が二度あります。"
    return None
