"""The published list: 業者番号 and 商号又は名称 of the qualification data, in pages, to be searched by anyone."""

from __future__ import annotations

from typing import NamedTuple

from portal.store import Published, Store


class Page(NamedTuple):
    """One page of the list. `number` counts from 1; `total` rows fit the words, `first` is the place of the first."""

    rows: list[Published]
    total: int
    number: int
    pages: int
    first: int


class Publication:
    """Reads the list, so many rows a page."""

    def __init__(self, store: Store, rows: int) -> None:
        self._store = store
        self._rows = rows

    async def page(self, words: str, number: int) -> Page:
        """The page with this number, or the nearest that there is, of the rows that hold every word."""
        asked = max(number, 1)
        rows, total = await self._at(words, asked)
        pages = max(1, -(-total // self._rows))
        if asked > pages:
            asked = pages
            rows, total = await self._at(words, asked)
        return Page(rows, total, asked, pages, (asked - 1) * self._rows + 1)

    async def _at(self, words: str, number: int) -> tuple[list[Published], int]:
        return await self._store.search_contractors(words, (number - 1) * self._rows, self._rows)
