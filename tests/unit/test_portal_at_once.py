"""What the event loop is told without a thread: a yes of the fast path and nothing else; and what a reply lost asks."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from portal.refusals import Refused
from portal.signatures.trust import Trust
from tests.unit import portal_pki as pki
from tests.unit.portal_world import world


@pytest.fixture
def folder(tmp_path: Path) -> pki.TrustFolder:
    return pki.TrustFolder(tmp_path)


@pytest.fixture
def authority(folder: pki.TrustFolder) -> pki.Authority:
    made = pki.Authority()
    folder.anchor(made)
    folder.crl(made.crl(120))
    return made


def test_the_same_as_the_whole_validation_says(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    trust, second = Trust(folder.folders), authority.issue(2).der
    assert trust.at_once(second, pki.NOW) is None  # its CA has not been judged yet
    trust.validate(authority.issue(1).der, pki.NOW)
    assert trust.at_once(second, pki.NOW) == trust.validate(second, pki.NOW)


@pytest.mark.parametrize("at", [timedelta(days=-1), timedelta(days=8)])
def test_no_word_of_another_time(folder: pki.TrustFolder, authority: pki.Authority, at: timedelta) -> None:
    trust = Trust(folder.folders)
    trust.validate(authority.issue(1).der, pki.NOW)
    assert trust.at_once(authority.issue(2).der, pki.NOW + at) is None


def test_no_word_of_a_revoked_card_and_a_no_to_one_that_may_not_sign(
    folder: pki.TrustFolder, authority: pki.Authority
) -> None:
    trust = Trust(folder.folders)
    trust.validate(authority.issue(1).der, pki.NOW)
    assert trust.at_once(authority.issue(120).der, pki.NOW) is None
    with pytest.raises(Refused, match="key_usage"):
        trust.at_once(authority.issue(3, key_usage=pki.usage()).der, pki.NOW)


def test_folders_that_have_changed_are_read_in_a_thread(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    trust, second = Trust(folder.folders), authority.issue(2).der
    trust.validate(authority.issue(1).der, pki.NOW)
    folder.crl(authority.crl(2, number=8))
    assert trust.at_once(second, pki.NOW) is None
    with pytest.raises(Refused, match="certificate_revoked"):
        trust.validate(second, pki.NOW)
    assert trust.at_once(second, pki.NOW) is None


def test_nobody_is_waited_for(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    trust, second = Trust(folder.folders), authority.issue(2).der
    trust.validate(authority.issue(1).der, pki.NOW)
    held, over = threading.Event(), threading.Event()

    def long_validation() -> None:
        with trust._lock:
            held.set()
            over.wait(60)

    other = threading.Thread(target=long_validation)
    other.start()
    held.wait(60)
    assert trust.at_once(second, pki.NOW) is None
    over.set()
    other.join()
    assert trust.at_once(second, pki.NOW) is not None


async def test_whoever_lost_the_answer_may_ask_for_it_as_often_as_they_like(tmp_path: Path) -> None:
    """The nonce takes five attempts; what was accepted is told for ever."""
    async with world(tmp_path) as made:
        session = await made.ready()
        cms = made.signed(await made.portal.registrar.begin(session))
        first = await made.portal.registrar.finish(session, cms)
        for _ in range(7):
            assert await made.portal.registrar.finish(session, cms) == first
        assert (await made.count("registrations"), await made.count("refusals")) == (1, 0)
