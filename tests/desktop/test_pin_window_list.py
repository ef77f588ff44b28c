"""What the PIN window shows of the statement that it signs, in a real window (no screen needed)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.desktop import signed
from tests.desktop.questions import question


def shown(scale: str = "1", **changes: Any) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.desktop.window_list"],
        input=question(**changes),
        capture_output=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale},
        check=True,
    )
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("language", "number", "kind"),
    [
        ("ja", "業者番号\t000000101", "種類\t登録 (registration)"),
        ("en", "Contractor no. (業者番号)\t000000101", "Kind\tregistration (registration)"),
    ],
)
def test_a_registration_by_its_labels_and_no_raw_key(language: str, number: str, kind: str) -> None:
    lines = shown(language=language, content=signed.registration(language))["lines"]
    assert lines[1:4] == [number, "企業情報", "企業名称\t北東組株式会社"]
    assert kind in lines
    assert not [line for line in lines if line.split("\t")[0] in ("sections", "contractor", "companyId")]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_exchange_of_cards_names_old_and_new_with_holder_and_expiry(language: str) -> None:
    lines = shown(language=language, content=signed.handover(language))["lines"]
    holder, old, new = "ICカード取得者氏名\t北東 次郎", "証明書有効期限\t2026/12/24", "証明書有効期限\t2032/11/20"
    wanted = ["旧ICカード（これまでのカード）", holder, old, "新ICカード（これからのカード）", holder, new]
    assert [line for line in lines if line in wanted] == wanted


def test_an_unknown_payload_is_shown_value_by_value() -> None:
    lines = shown(language="en", content=signed.unknown("en"))["lines"]
    assert lines[1:12] == [
        *("agreed\tyes", "amount\t12500000", "lots", "1.\tA", "2.\tB", "3.", "C", "1.\t1", "2.\t2"),
        *("tender", "number\tR8-0123"),
    ]


def test_what_could_hide_or_reorder_is_made_visible() -> None:
    awkward = {"入\u202e札": "a\nb\tc\u200bd", "amount": "\u05d0 12", "x": "<b>&amp;</b>"}
    lines = shown(content=signed.listed("bid", awkward))["lines"]
    assert lines[1:4] == [
        "amount\t\u202d\u05d0 12\u202c",
        "x\t<b>&amp;</b>",
        "入⟨U+202E⟩札\ta⟨U+000A⟩b⟨U+0009⟩c⟨U+200B⟩d",
    ]


@pytest.mark.parametrize("scale", ["1", "2"])
def test_a_very_long_value_is_read_to_its_end_by_the_keyboard_and_the_buttons_stay_in_sight(scale: str) -> None:
    long = "長い値" * 20_000
    facts = shown(scale, content=signed.listed("bid", {"a": long, "word": "x" * 5_000, "z": "the end"}))
    assert [f"a\t{long}", f"word\t{'x' * 5_000}", "z\tthe end"] == facts["lines"][1:4]
    assert facts["buttons"]
    assert facts["wide"] == 0, "nothing stands beside the window"
    (start, _), (end, whole), (again, _) = facts["seen"]
    assert (start, end, again) == (0, whole, 0)
    assert whole > 10_000


def _documents(count: int) -> dict[str, Any]:
    row = {"size": 184_000, "hash": "SHA-256", "digest": "0123abcd" * 8, "raw": False}
    return {"type": "documents", "documents": [{"name": f"内訳書_{at}.pdf", **row} for at in range(1, count + 1)]}


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("ja", "署名する文書（500 件、合計 92,000,000 バイト）"),
        ("en", "Documents to be signed (500, 92,000,000 bytes in all)"),
    ],
)
def test_500_documents_are_counted_and_read_to_their_end(language: str, heading: str) -> None:
    facts = shown(language=language, confirmation=None, content=_documents(500))
    assert facts["lines"][0] == heading
    names = [line for line in facts["lines"] if line.endswith(".pdf")]
    assert names == [f"{at}. 内訳書_{at}.pdf" for at in range(1, 501)]
    assert facts["buttons"]
    (start, _), (end, whole), (again, _) = facts["seen"]
    assert (start, end, again) == (0, whole, 0)
    assert whole > 500 * 40


def test_what_is_not_seen_is_not_added_up() -> None:
    unseen = {"name": "a", "size": None, "hash": "SHA-256", "digest": "0" * 64, "raw": True}
    content = {"type": "documents", "documents": [unseen, *_documents(1)["documents"]]}
    assert shown(confirmation=None, content=content)["lines"][0] == "署名する文書（2 件）"
