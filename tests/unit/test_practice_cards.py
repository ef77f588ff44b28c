"""The practice cards in their reader: two of one holder, each with its own key and counter, exchanged like cards."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.card.certinfo import CertificateInfo, describe
from bridge.card.practice import card as practice
from bridge.card.practice import pki as practice_pki
from bridge.card.practice import slot as practice_slot
from bridge.card.practice.slot import FIRST, RENEWAL
from bridge.card.safety.pin import Pin
from bridge.cli import main
from bridge.errors import CardRemoved, PinWrong
from tests.procedure.example import CERTIFICATE
from tests.unit import pki

NOW = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def reader(tmp_path: Path) -> Path:
    """Practice cards of our own, the first one in the reader."""
    directory = tmp_path / "practice"
    shutil.copytree(pki.practice_directory(), directory)
    practice_slot.insert(directory)
    return directory


def pin(text: str) -> Pin:
    made = Pin(len(text))
    made.memory()[:] = text.encode()
    return made


def seen(reader: Path) -> CertificateInfo:
    """The certificate of the one card in the reader."""
    [token] = practice.PracticePort(reader).tokens()
    return describe(token.certificates()[0], NOW)


def test_the_second_card_is_the_same_holders_and_lives_longer(reader: Path) -> None:
    old = seen(reader)
    practice_slot.insert(reader, RENEWAL)
    new = seen(reader)
    holder = {"holder": old.holder.name, "organization": old.holder.organization, "address": old.holder.address}
    assert {"serial": old.serial, "issuer": old.issuer, "expiry": old.expiry, **holder} == CERTIFICATE
    assert (new.serial, new.expiry) == ("122", "2034/11/20")
    assert (old.subject, old.issuer) == (new.subject, new.issuer)
    assert old.id != new.id


def test_an_exchange_ends_the_first_cards_session(reader: Path) -> None:
    [token] = practice.PracticePort(reader).tokens()
    session = token.open()
    session.login(pin("1234"))
    before = session.logged_in
    practice_slot.insert(reader, RENEWAL)
    assert (before, session.logged_in) == (True, False)
    with pytest.raises(CardRemoved):
        session.sign(token.certificates()[0], b"data")


def test_each_card_counts_its_own_tries(reader: Path) -> None:
    practice_slot.insert(reader, RENEWAL)
    [token] = practice.PracticePort(reader).tokens()
    with pytest.raises(PinWrong):
        token.open().login(pin("9999"))
    assert practice.read(reader, RENEWAL).tries_left == practice.MAX_TRIES - 1
    assert practice.read(reader, FIRST).tries_left == practice.MAX_TRIES


def test_the_command_swaps_the_cards_and_swaps_them_back(reader: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = reader.parent / "bridge.toml"
    config.write_text(
        f'[card]\npractice = true\nmodules = []\ndirectory = "{reader.parent.as_posix()}"\n', encoding="utf-8"
    )
    swap = ["practice", "swap", "--config", str(config)]
    assert main(swap) == 0
    assert "更新用の練習カード in the reader, PIN tries left: 3 of 3" in capsys.readouterr().out
    assert seen(reader).serial == "122"
    assert main(swap) == 0
    assert "練習用カード in the reader" in capsys.readouterr().out
    assert seen(reader).serial == "121"
    practice_slot.remove(reader)
    assert main(swap) == 0
    assert seen(reader).serial == "122"


def test_an_older_demos_folder_gets_its_second_card_from_the_same_authority(reader: Path) -> None:
    practice_slot.card_file(reader, RENEWAL).unlink()
    first = practice_slot.card_file(reader).read_bytes()
    practice_pki.ensure(reader, NOW)
    practice_slot.insert(reader, RENEWAL)
    assert seen(reader).serial == "122"
    assert practice_slot.card_file(reader).read_bytes() == first


def test_an_insertion_of_before_there_were_two_is_the_first_cards(reader: Path) -> None:
    (reader / "inserted").write_text("00112233445566aa", encoding="ascii")
    assert seen(reader).serial == "121"
