"""Nothing can be changed in a record without being found, and what is found is told by its line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.audit import chain, receipt
from bridge.audit.chain import START, Head, Line
from bridge.audit.reading import split
from bridge.audit.receipt import NoReceipt, Receipt
from bridge.audit.verify import Kind, verify
from tests.unit.audit_world import World, receipts, signature, told

AT = "2026-11-30T03:00:00.000Z"


def written(count: int, head: Head = START) -> tuple[bytes, list[Line]]:
    raws, lines = [], []
    for number in range(1, count + 1):
        raw, line = chain.seal(head, AT[:17] + f"{number:02}.000Z", "sign", signature(number))
        head = line.head
        raws.append(raw)
        lines.append(line)
    return b"".join(raws), lines


RAW, LINES = written(6)
LAST = receipts(LINES[-1:])
PARTS = RAW.splitlines(keepends=True)


def found(raw: bytes, kept: Sequence[Receipt] = ()) -> list[tuple[Kind, int]]:
    return told(verify(split("1", raw), kept).findings)


def forged(head: Head, event: str = "sign") -> bytes:
    """A line that somebody made, sealed as ours are."""
    return chain.seal(head, AT, event, {**signature(0), "origin": "https://forged.example"})[0]


def test_an_untouched_record_is_whole() -> None:
    assert found(RAW, receipts(LINES)) == []
    report = verify(split("1", RAW))
    assert (report.lines, report.is_whole, report.last) == (6, True, LINES[-1])


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_any_other_value_of_any_byte_is_found(place: int, change: int) -> None:
    mutated = bytearray(RAW)
    mutated[place] ^= change
    assert found(bytes(mutated))


@given(st.integers(0, len(RAW)), st.binary(min_size=1, max_size=600))
def test_anything_put_in_is_found(place: int, more: bytes) -> None:
    assert found(RAW[:place] + more + RAW[place:])


@given(st.integers(0, len(RAW) - 1), st.integers(1, len(RAW)))
def test_anything_taken_out_is_found_with_a_receipt_of_the_last_line(place: int, length: int) -> None:
    assert found(RAW[:place] + RAW[place + length :], LAST)


@given(st.permutations(range(6)))
def test_any_other_order_is_found(order: list[int]) -> None:
    shuffled = b"".join(PARTS[number] for number in order)
    assert bool(found(shuffled)) is (order != sorted(order))


@given(st.integers(0, 5), st.integers(0, 5))
def test_a_line_that_stands_twice_is_found(which: int, place: int) -> None:
    assert found(b"".join([*PARTS[:place], PARTS[which], *PARTS[place:]]))


def test_a_removed_line_is_named() -> None:
    assert found(b"".join([*PARTS[:2], *PARTS[3:]])) == [(Kind.MISSING, 3)]
    (report,) = verify(split("1", b"".join([*PARTS[:2], *PARTS[4:]]))).findings
    assert (report.kind, report.line, report.last) == (Kind.MISSING, 3, 4)


def test_a_changed_line_is_named() -> None:
    changed = PARTS[2].replace(b"portal.example", b"portal.exampla")
    (report,) = verify(split("000001.jsonl", b"".join([*PARTS[:2], changed, *PARTS[3:]]))).findings
    assert (report.kind, report.line, report.where) == (Kind.CHANGED, 3, "000001.jsonl:3")


def test_lines_in_another_order_are_named() -> None:
    assert found(b"".join([PARTS[0], PARTS[2], PARTS[1], *PARTS[3:]])) == [(Kind.MOVED, 2)]


def test_a_forged_line_that_was_put_in_is_named() -> None:
    put_in = b"".join([*PARTS[:3], forged(LINES[2].head), *PARTS[3:]])
    assert found(put_in) == [(Kind.MOVED, 4), (Kind.UNLINKED, 5)]


def test_a_forged_line_in_anothers_place_is_named_by_the_next() -> None:
    assert found(b"".join([*PARTS[:3], forged(LINES[2].head), *PARTS[4:]])) == [(Kind.UNLINKED, 5)]


def test_removed_first_lines_are_named() -> None:
    assert found(b"".join(PARTS[1:])) == [(Kind.MISSING, 1)]


def test_a_changed_first_line_is_named_once() -> None:
    assert found(b"x" + RAW) == [(Kind.CHANGED, 1)]


@pytest.mark.parametrize("numbered", [True, False])
def test_lines_cut_off_at_the_end_are_found_where_a_receipt_names_a_later_one(numbered: bool) -> None:
    kept = receipts(LINES, numbered=numbered)
    cut = b"".join(PARTS[:4])
    assert found(cut) == []
    assert found(cut, kept[:4]) == []
    assert [kind for kind, _ in found(cut, kept)] == [Kind.CUT, Kind.CUT]
    assert [kind for kind, _ in found(b"", kept[:1])] == [Kind.CUT]


@pytest.mark.parametrize("numbered", [True, False])
def test_a_record_that_was_written_anew_is_found_with_a_receipt(numbered: bool) -> None:
    anew = b"".join([forged(START), written(5, chain.unseal(forged(START)[:-1]).head)[0]])
    assert found(anew) == []
    assert [kind for kind, _ in found(anew, receipts(LINES[2:3], numbered=numbered))] == [Kind.OTHER]


def test_a_forged_last_line_is_found_with_its_receipt() -> None:
    assert found(b"".join([*PARTS[:5], forged(LINES[4].head)]), LAST) == [(Kind.OTHER, 6)]


def test_a_receipt_that_says_something_else_than_its_line() -> None:
    (kept,) = LAST
    altered = kept._replace(facts={**kept.facts, "origin": "https://other.example"})
    assert found(RAW, [altered]) == [(Kind.DIFFERENT, 6)]
    assert found(RAW, [kept._replace(line=5)]) == [(Kind.DIFFERENT, 6)]


def test_a_whole_line_behind_a_cut_off_one_is_no_power_cut() -> None:
    assert found(RAW[:-1] + b"x") == [(Kind.CHANGED, 6)]
    assert found(RAW[:-1] + b"x" + PARTS[0]) == [(Kind.CHANGED, 6)]


@given(st.integers(1, len(PARTS[-1]) - 2), st.integers(0, 40))
def test_a_line_that_was_cut_off_is_a_note(length: int, zeros: int) -> None:
    cut = b"".join(PARTS[:5]) + PARTS[-1][:length] + b"\0" * zeros
    assert found(cut) == [(Kind.INTERRUPTED, 6)]
    assert verify(split("1", cut)).is_whole
    assert found(cut, LAST) == [(Kind.INTERRUPTED, 6), (Kind.CUT, 6)]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_line_or_none(raw: bytes) -> None:
    with pytest.raises(chain.Malformed):
        chain.unseal(raw)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.lists(st.text()), max_size=4))
def test_what_was_sealed_is_read_again(facts: dict[str, object]) -> None:
    facts = {f"x-{name}": value for name, value in facts.items()}
    try:
        raw, line = chain.seal(Head(7, "a" * 64), AT, "sign", facts)
    except UnicodeEncodeError:
        return  # a lone surrogate: refused at the border (bridge/messages.py)
    assert raw.count(b"\n") == 1
    assert chain.unseal(raw[:-1]) == line


def test_a_receipt_is_read_again(tmp_path: Path) -> None:
    (line,) = World(tmp_path / "audit").sign()
    for numbered in (True, False):
        kept = receipt.of(line, numbered=numbered)
        assert receipt.parse(json.dumps(kept.wire()).encode()) == kept
        assert kept.is_of(line)


WIRE = LAST[0].wire()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 4000,
        json.dumps(WIRE).encode() + b" " * (16 << 10),
        *(
            json.dumps({**WIRE, **change}).encode()
            for change in (
                {"v": 2},
                {"hash": "00"},
                {"hash": None},
                {"line": -1},
                {"line": True},
                {"line": "6"},
                {"origin": 1},
                {"pin": "1234"},
            )
        ),
    ],
)
def test_what_is_no_receipt_is_refused(raw: bytes) -> None:
    with pytest.raises(NoReceipt):
        receipt.parse(raw)


def test_only_a_signature_has_a_receipt() -> None:
    for event, outcome in (("certificates", "ok"), ("sign", "pin_wrong")):
        _, line = chain.seal(START, AT, event, {"outcome": outcome})
        with pytest.raises(NoReceipt):
            receipt.of(line, numbered=True)
