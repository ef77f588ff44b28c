"""The fast path says yes to nothing that the full validator refuses: PKITS, generated chains, and what changes."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

from portal.refusals import Refused
from portal.signatures import evidence, fast_path, paths, trust_folders
from portal.signatures.fast_path import FastPath
from portal.signatures.paths import Chain, Deadline
from portal.signatures.trust import Trust
from portal.signatures.trust_folders import STUMBLES, Material
from tests.unit import generated_chains, pkits
from tests.unit import portal_pki as pki

# `make fast-path` asks for 100,000.
CHAINS = int(os.environ.get("FAST_PATH_CHAINS", "10000"))
OURS = paths.rules(())


def full(material: Material, leaf: bytes) -> Chain | None:
    try:
        return paths.find(material, leaf, pki.NOW, OURS, Deadline(60))
    except (ValidationError, PathBuildingError, *STUMBLES):
        return None


def quick(material: Material, root: Path) -> Trust:
    """Trust in this material."""
    trust = Trust(pki.TrustFolder(root).folders)
    trust._material, trust._fast = material, FastPath(material)
    return trust


def says_yes(trust: Trust, leaf: bytes) -> bool:
    try:
        return trust._quickly(trust._material, leaf, pki.NOW, Deadline(60)) is not None
    except Refused:  # a certificate that the ladder's parser does not take
        return False


@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
def test_pkits(tmp_path: Path) -> None:
    yes = []
    for number, case in enumerate(each for each in pkits.cases() if each.plain):
        material = pkits.material(asn1_x509.Certificate.load(case.leaf))
        if says_yes(quick(material, tmp_path / str(number)), case.leaf):
            yes.append(case)
    assert [case.name for case in yes if not case.valid] == []
    assert len(yes) >= 20  # and it is not silent


def test_generated_chains(tmp_path: Path) -> None:
    dice = random.Random(20261124)
    made = list(generated_chains.pkis(tmp_path, dice))
    trusts = [Trust(each.folder.folders) for each in made]
    yes = 0
    for serial in range(1000, 1000 + CHAINS):
        number = serial % len(made)
        leaf = generated_chains.leaf(made[number], dice, serial)
        if says_yes(trusts[number], leaf):
            yes += 1
            assert full(trusts[number]._material, leaf), leaf.hex()
    assert yes > CHAINS // 50


@pytest.fixture
def folder(tmp_path: Path) -> pki.TrustFolder:
    return pki.TrustFolder(tmp_path)


@pytest.fixture
def authority(folder: pki.TrustFolder) -> pki.Authority:
    made = pki.Authority()
    folder.anchor(made)
    folder.crl(made.crl(120))
    return made


def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the full validator is not to be had."""

    def never(*_: object) -> Chain:
        raise ValidationError("asked")

    monkeypatch.setattr(paths, "find", never)


def test_the_second_card_of_a_ca_is_quick(
    folder: pki.TrustFolder, authority: pki.Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust = Trust(folder.folders)
    first = trust.validate(authority.issue(1).der, pki.NOW)
    second, revoked, wrong = authority.issue(2), authority.issue(120), authority.issue(3, key_usage=pki.usage())
    _quick(monkeypatch)
    found = trust.validate(second.der, pki.NOW + timedelta(hours=1))
    assert found.chain == (second.der, *first.chain[1:])
    assert (found.crls, found.time) == (first.crls, pki.NOW + timedelta(hours=1))
    for card, code in ((revoked, "certificate_untrusted"), (wrong, "key_usage")):  # the former: asked the validator
        with pytest.raises(Refused, match=code):
            trust.validate(card.der, pki.NOW)


@pytest.mark.parametrize("at", [timedelta(days=-1), timedelta(days=8), timedelta(days=9999)])
def test_at_another_time_the_validator_is_asked(
    folder: pki.TrustFolder, authority: pki.Authority, monkeypatch: pytest.MonkeyPatch, at: timedelta
) -> None:
    """Before what was shown, after the list's end, after everything's end."""
    trust = Trust(folder.folders)
    trust.validate(authority.issue(1).der, pki.NOW)
    _quick(monkeypatch)
    with pytest.raises(Refused):
        trust.validate(authority.issue(2).der, pki.NOW + at)


def test_a_changed_folder_is_learnt_anew(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    trust = Trust(folder.folders)
    trust.validate(authority.issue(1).der, pki.NOW)
    assert trust.validate(authority.issue(2).der, pki.NOW)
    folder.crl(authority.crl(2, number=8))
    with pytest.raises(Refused, match="certificate_revoked"):
        trust.validate(authority.issue(2).der, pki.NOW)


def test_a_list_of_a_time_to_come_ends_what_was_learnt(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    """The CA itself is revoked by a list that begins tomorrow."""
    sub = pki.Authority(x509.Name.from_rfc4514_string("CN=Cards,C=JP"), pki.rsa_key("cards"), authority)
    folder.intermediate(sub)
    folder.crl(sub.crl(until=pki.NOW + timedelta(days=20)), "sub")
    tomorrow = pki.NOW + timedelta(days=1)
    folder.crl(authority.crl(2, since=tomorrow, until=tomorrow + timedelta(days=5), number=8), "tomorrow")
    trust = Trust(folder.folders)
    trust.validate(sub.issue(1).der, pki.NOW)
    with pytest.raises(Refused, match="certificate_revoked"):
        trust.validate(sub.issue(3).der, tomorrow + timedelta(hours=1))


def test_where_policies_are_demanded_it_is_silent(folder: pki.TrustFolder, authority: pki.Authority) -> None:
    material = trust_folders.load(folder.folders)
    chain = full(material, authority.issue(1).der)
    assert chain is not None
    found = evidence.of(chain, material, pki.NOW)
    changes: list[dict[str, Any]] = [{"policies": ("1.2.3",)}, {"unlisted": True}, {"judged_at": pki.NOW}]
    for change in changes:
        fast = FastPath(material)
        fast.learn(found._replace(**change), pki.NOW)
        assert fast.accepts(authority.issue(2).der, pki.NOW) is None
    fast = FastPath(material)
    fast.learn(found, pki.NOW)
    assert fast.accepts(authority.issue(2).der, pki.NOW) is not None


def test_an_unchanged_list_is_not_walked_through_again(
    folder: pki.TrustFolder, authority: pki.Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust = Trust(folder.folders)
    trust.validate(authority.issue(1).der, pki.NOW)
    monkeypatch.setattr(fast_path, "_serials", lambda _: None)
    folder.crl(pki.Authority(x509.Name.from_rfc4514_string("CN=Other,C=JP"), pki.rsa_key("other")).crl(), "other")
    trust.validate(authority.issue(2).der, pki.NOW)
    _quick(monkeypatch)
    assert trust.validate(authority.issue(3).der, pki.NOW)
