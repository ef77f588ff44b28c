"""SQL in the dialect of libmsi: names in backticks, texts in apostrophes, which no text of ours holds."""

from __future__ import annotations


def insert(table: str, **row: str | int) -> str:
    names = ",".join(f"`{name}`" for name in row)
    return f"INSERT INTO `{table}` ({names}) VALUES ({','.join(map(_literal, row.values()))})"  # noqa: S608  # our own


def update(table: str, key: str, which: str, column: str, value: str | int) -> str:
    """Sets one column of the row whose `key` is `which`."""
    return f"UPDATE `{table}` SET `{column}`={_literal(value)} WHERE `{key}`='{which}'"  # noqa: S608  # our own


def _literal(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    if "'" in value:
        raise ValueError(f"an apostrophe in {value!r}")
    return f"'{value}'"
