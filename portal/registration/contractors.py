"""Qualification data (資格審査情報) from CSV, as agencies have it: UTF-8 with or without BOM, or CP932. Pure."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

from portal.form import fields
from portal.form.fields import Field
from portal.search import screen
from portal.search.settings import NumberFormat
from portal.store.rows import Contractor

HEADER = ("業者番号", "商号又は名称", "郵便番号", "住所", "代表者氏名", "代表者役職")
USERS = ("ユーザID", "パスワード")
"""Further columns of an agency that keeps the users of its 入札情報公開システム."""
_USER = re.compile(r"[0-9A-Za-z]{1,20}")


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """ユーザID and パスワード in clear text: to be hashed at once, and without a printable form."""

    user_id: str
    password: str


class Imported(NamedTuple):
    """The rows of a file; `users` by 業者番号, None where a row has none. A file without these columns names nobody."""

    rows: list[Contractor]
    users: dict[str, Credentials | None]


class ImportFault(ValueError):
    """The file cannot be imported; `faults` names every bad line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def parse(data: bytes, numbers: NumberFormat = NumberFormat.ALPHANUMERIC_9) -> Imported:
    """A CSV file whose first line is HEADER, or HEADER and USERS. Raises ImportFault naming every bad line."""
    rows = _rows(_decoded(data))
    header = tuple(cell.strip() for cell in rows[0][1]) if rows else ()
    if header not in (HEADER, HEADER + USERS):
        told = f"見出しは {','.join(HEADER)} としてください。続けて {','.join(USERS)} も置けます。"
        raise ImportFault([f"1行目: {told}"])
    reading = _Reading(len(header), screen.NUMBERS[numbers].field)
    for line, cells in rows[1:]:
        reading.take(line, [cell.strip() for cell in cells])
    if reading.faults:
        raise ImportFault(reading.faults)
    return Imported(list(reading.found.values()), reading.users)


def samples() -> list[Contractor]:
    """The contractors of the practice portal, 北東組株式会社 first."""
    return parse(resources.files("portal").joinpath("contractors.csv").read_bytes()).rows


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


class _Reading:
    """The lines so far: rows by 業者番号, users, and what is wrong with each bad line."""

    def __init__(self, columns: int, number: Field) -> None:
        self._columns, self._number = columns, number
        self.found: dict[str, Contractor] = {}
        self.users: dict[str, Credentials | None] = {}
        self.faults: list[str] = []

    def take(self, line: int, cells: list[str]) -> None:
        if not cells:  # an empty line
            return
        fault = self._fault(cells)
        if fault is not None:
            self.faults.append(f"{line}行目: {fault}")
            return
        contractor, user = Contractor(*cells[: len(HEADER)]), cells[len(HEADER) :]
        self.found[contractor.number] = contractor
        if user:
            self.users[contractor.number] = Credentials(*user) if any(user) else None

    def _fault(self, cells: list[str]) -> str | None:
        if len(cells) != self._columns:
            return f"項目が{len(cells)}個あります。{self._columns}個にしてください。"
        number, name, *_ = cells
        if any(unicodedata.category(character) in ("Cc", "Cf") for cell in cells for character in cell):
            return "改行などの制御文字があります。取り除いてください。"
        if fields.check({self._number.name: number}, (self._number,)):
            return f"業者番号は{self._number.hint}としてください。"
        if not name:
            return "商号又は名称を入力してください。"
        if number in self.found:
            return f"業者番号{number}が二度あります。"
        user = cells[len(HEADER) :]
        if any(user) and not all(_USER.fullmatch(cell) for cell in user):
            return "ユーザIDとパスワードは、どちらも半角英数字20文字以下とするか、どちらも空欄としてください。"
        return None
