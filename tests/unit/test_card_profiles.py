"""What is shipped of card profiles, and what a profile may not be."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.card import profiles
from bridge.card.profiles import Identity, Probe, ProfileError

GOOD = """
[label]
ja = "カード"
en = "card"
[[match]]
atr = "3B84*"
model = "ID-*"
[pin]
characters = "digits"
max_tries = 10
[counter]
probe = "none"
[unlock]
ja = "解除"
en = "unlock"
[modules]
windows = ['C:\\Windows\\System32\\card.dll']
"""


def write(directory: Path, text: str) -> Path:
    file = directory / "sample.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_profile_loads_and_says_what_to_do_in_both_languages() -> None:
    shipped = {each.name: each for each in profiles.profiles()}
    assert {"piv", "softhsm", "practice", "unknown"} <= shipped.keys()
    for each in shipped.values():
        assert each.unlock("ja") != each.unlock("en")
        assert each.label.ja
        assert each.label.en


def test_a_maximum_that_nobody_published_is_none() -> None:
    assert profiles.profile("piv").max_tries is None
    assert profiles.profile("practice").max_tries == 3


def test_tokens_find_their_profile() -> None:
    piv = Identity(b"", "piv_II", "PKCS#15 emulated", "someone")
    assert profiles.recognise(piv).name == "piv"
    assert profiles.recognise(Identity(b"", "SoftHSM project", "SoftHSM v2", "x")).name == "softhsm"


def test_an_unknown_card_is_assumed_nothing_of() -> None:
    found = profiles.recognise(Identity(b"\x3b\x00", "someone", "something", ""))
    assert (found.name, found.max_tries, found.counter.probe) == ("unknown", None, Probe.NONE)
    assert profiles.profile("no such name") == found


def test_all_patterns_of_a_match_must_fit(tmp_path: Path) -> None:
    known = profiles.load(write(tmp_path, GOOD))
    assert known.fits(Identity(bytes.fromhex("3B8401"), "", "ID-1", ""))
    assert not known.fits(Identity(bytes.fromhex("3B8501"), "", "ID-1", ""))
    assert not known.fits(Identity(bytes.fromhex("3B8401"), "", "XY-1", ""))
    assert known.module_paths("win32") == (Path(r"C:\Windows\System32\card.dll"),)
    assert known.module_paths("linux") == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("[label]", "typo = 1\n[label]", "unknown key typo", id="unknown key"),
        pytest.param("max_tries = 10", "max_tries = 0", "max_tries", id="no tries"),
        pytest.param("max_tries = 10", 'max_tries = "many"', "max_tries", id="maximum in words"),
        pytest.param("max_tries = 10", "", "missing 'max_tries'", id="missing key"),
        pytest.param('"digits"', '"letters"', "pin.characters", id="unknown characters"),
        pytest.param('probe = "none"', 'probe = "guess"', "counter.probe", id="unknown probe"),
        pytest.param('probe = "none"', 'probe = "none"\naid = "A0"', "unknown key counter.aid", id="unused key"),
        pytest.param(
            'probe = "none"',
            'probe = "verify-empty"\naid = "XY"\nreference = 128\ntells_login = true',
            "hexadecimal",
            id="application identifier",
        ),
        pytest.param('atr = "3B84*"\nmodel = "ID-*"', "", "at least one pattern", id="match that fits all"),
        pytest.param("[label]", "[label", "", id="not TOML"),
    ],
)
def test_a_profile_that_cannot_be_used_names_its_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    file = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ProfileError) as refused:
        profiles.load(file)
    assert str(file) in str(refused.value)
    assert said in str(refused.value)
