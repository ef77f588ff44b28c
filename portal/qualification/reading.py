"""Qualification data (資格審査情報) from CSV, as agencies have it: UTF-8 with or without BOM, or CP932.

Line by line: a file of a million contractors needs no more memory than its 業者番号.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from portal.form import fields
from portal.form.fields import Field, Kind
from portal.search import screen
from portal.search.settings import NumberFormat
from portal.store.rows import Contractor

if TYPE_CHECKING:
    from _csv import Reader as _Csv

HEADER = ("業者番号", "商号又は名称", "郵便番号", "住所", "代表者氏名", "代表者役職")
USERS = ("ユーザID", "パスワード")
"""Further columns of an agency that keeps the users of its 入札情報公開システム."""
_USER = re.compile(r"[0-9A-Za-z]{1,20}")
_PIECE = 1 << 20
_TOGETHER = 500
"""Lines that are looked at as one: a million looked at each by itself take four times as long."""
_Line = tuple[int, list[str]]


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


class Reading:
    """The rows of a file, one after the other. When the last one has been taken, `users` is complete."""

    def __init__(self, file: BinaryIO, numbers: NumberFormat = NumberFormat.ALPHANUMERIC_9) -> None:
        """`file`: at its beginning, and can be read twice."""
        self._file = file
        self._number = screen.NUMBERS[numbers].field
        self._columns = len(HEADER)
        self._seen: set[str] = set()
        self._faults: list[str] = []
        self.users: dict[str, Credentials | None] = {}

    def __iter__(self) -> Iterator[Contractor]:
        """Raises ImportFault: at once for what is no such table, else behind the last line, naming every bad one."""
        text = io.TextIOWrapper(self._file, _encoding(self._file), newline="")
        try:
            for lines in self._lines(csv.reader(text, strict=True)):
                yield from self._taken(lines)
        finally:
            text.detach()  # the file is the caller's
        if self._faults:
            raise ImportFault(self._faults)

    def _lines(self, reader: _Csv) -> Iterator[list[_Line]]:
        lines, fault = list[_Line](), list[str]()
        try:
            self._columns = _columns(next(reader, []))
            for cells in reader:
                lines.append((reader.line_num, cells))
                if len(lines) == _TOGETHER:
                    yield lines
                    lines = []
        except csv.Error as error:
            fault = [f"{reader.line_num}行目: CSVとして読み取れません({error})。"]
        yield lines
        self._faults += fault

    def _taken(self, lines: list[_Line]) -> Iterable[Contractor]:
        rows = self._at_once([cells for _, cells in lines])
        if rows is not None:
            return rows
        each = (self._take(line, [cell.strip() for cell in cells]) for line, cells in lines)
        return (row for row in each if row is not None)

    def _at_once(self, lines: list[list[str]]) -> Iterable[Contractor] | None:
        """The rows of lines that have nothing to find fault with; None: each has to be looked at."""
        width = len(HEADER)
        if self._columns != width or set(map(len, lines)) != {width}:
            return None
        cells = list(map(str.strip, chain.from_iterable(lines)))
        numbers, names = cells[::width], cells[1::width]
        distinct = set(numbers)
        if _hides_something(cells) or not all(names) or not _are_numbers(numbers, self._number):
            return None
        if len(distinct) < len(numbers) or not self._seen.isdisjoint(distinct):
            return None
        self._seen |= distinct
        return map(Contractor._make, zip(*[iter(cells)] * width, strict=True))

    def _take(self, line: int, cells: list[str]) -> Contractor | None:
        if not cells:  # an empty line
            return None
        fault = self._fault(cells)
        if fault is not None:
            self._faults.append(f"{line}行目: {fault}")
            return None
        contractor, user = Contractor(*cells[: len(HEADER)]), cells[len(HEADER) :]
        self._seen.add(contractor.number)
        if user:
            self.users[contractor.number] = Credentials(*user) if any(user) else None
        return contractor

    def _fault(self, cells: list[str]) -> str | None:
        if len(cells) != self._columns:
            return f"項目が{len(cells)}個あります。{self._columns}個にしてください。"
        number, name, *_ = cells
        if _hides_something(cells):
            return "改行などの制御文字があります。取り除いてください。"
        if not _is_number(number, self._number):
            return f"業者番号は{self._number.hint}としてください。"
        if not name:
            return "商号又は名称を入力してください。"
        if number in self._seen:
            return f"業者番号{number}が二度あります。"
        user = cells[len(HEADER) :]
        if any(user) and not all(_USER.fullmatch(cell) for cell in user):
            return "ユーザIDとパスワードは、どちらも半角英数字20文字以下とするか、どちらも空欄としてください。"
        return None


def parse(data: bytes, numbers: NumberFormat = NumberFormat.ALPHANUMERIC_9) -> Imported:
    """A CSV file whose first line is HEADER, or HEADER and USERS. Raises ImportFault naming every bad line."""
    reading = Reading(io.BytesIO(data), numbers)
    return Imported(list(reading), reading.users)


def samples() -> list[Contractor]:
    """The contractors of the practice portal, 北東組株式会社 first."""
    return parse(resources.files("portal").joinpath("contractors.csv").read_bytes()).rows


def _columns(first: list[str]) -> int:
    header = tuple(cell.strip() for cell in first)
    if header not in (HEADER, HEADER + USERS):
        told = f"見出しは {','.join(HEADER)} としてください。続けて {','.join(USERS)} も置けます。"
        raise ImportFault([f"1行目: {told}"])
    return len(header)


def _encoding(file: BinaryIO) -> str:
    """Of the whole file, which is at its beginning again afterwards. Raises ImportFault, naming the line."""
    line = _broken(file, "utf-8-sig")
    if line is None:
        return "utf-8-sig"
    marked = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    file.seek(0)
    if not marked:
        line = _broken(file, "cp932")
        if line is None:
            return "cp932"
    raise ImportFault([f"{line}行目: 文字コードはUTF-8またはShift_JIS(CP932)としてください。"])


def _broken(file: BinaryIO, encoding: str) -> int | None:
    """The line, from 1 on, of the first byte that means nothing in this encoding. Leaves the file at its beginning."""
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    try:
        while piece := file.read(_PIECE):
            decoder.decode(piece)
            line += piece.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return line + error.object.count(b"\n", 0, error.start)
    finally:
        file.seek(0)
    return None


def _hides_something(cells: list[str]) -> bool:
    text = "".join(cells)
    if text.replace("\u3000", "").isprintable():  # most lines, and much sooner told
        return False
    return any(unicodedata.category(character) in ("Cc", "Cf") for character in text)


def _is_number(number: str, field: Field) -> bool:
    return _are_numbers([number], field) or not fields.check({field.name: number}, (field,))


def _are_numbers(numbers: list[str], field: Field) -> bool:
    """Whether all are as most are: what the field's own check would say of each, and much sooner told."""
    text = "".join(numbers)
    plain = text.isdigit() if field.kind is Kind.DIGITS else text.isalnum()
    return text.isascii() and plain and set(map(len, numbers)) == {field.limit}
