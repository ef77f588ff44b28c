"""What is shipped of card profiles, and what a profile may not be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.card.profiles.file import ProfileError, load
from bridge.card.profiles.profile import Identity, Probe, Profile
from bridge.card.profiles.recognition import profiles

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
DOCUMENT = Path(__file__).parents[2] / "docs" / "card-profiles.md"
CAS = ("aosign", "diacert-plus", "e-probatio-ps2", "tdb-typea", "toinx")


def write(directory: Path, text: str) -> Path:
    file = directory / "sample.toml"
    file.write_text(text, encoding="utf-8")
    return file


def shipped() -> dict[str, Profile]:
    return {each.name: each for each in profiles()}


def test_every_profile_loads_and_says_what_to_do_in_both_languages() -> None:
    assert shipped().keys() == {*CAS, "jpki-auth", "jpki-sign", "piv", "softhsm", "practice", "unknown"}
    for each in shipped().values():
        assert each.unlock("ja") != each.unlock("en")
        assert each.label.ja != each.label.en


def test_a_maximum_that_nobody_published_is_none() -> None:
    maxima = {name: shipped()[name].max_tries for name in (*CAS, "piv", "practice", "jpki-auth", "jpki-sign")}
    assert maxima == {
        "aosign": 10,
        **dict.fromkeys(("diacert-plus", "e-probatio-ps2", "tdb-typea", "toinx", "piv")),
        "practice": 3,
        "jpki-auth": 3,
        "jpki-sign": 5,
    }


@pytest.mark.parametrize("name", CAS)
def test_of_a_cas_card_nothing_is_read_or_loaded_that_nobody_has_described(name: str) -> None:
    known = shipped()[name]
    assert (known.counter.probe, known.pin_characters) == (Probe.UNKNOWN, "any")
    assert [known.module_paths(system) for system in ("win32", "darwin", "linux")] == [(), (), ()]


def test_whom_to_ask_stands_below_the_unlock_text() -> None:
    ja, en = (shipped()["aosign"].unlock(language) for language in ("ja", "en"))
    assert ja.splitlines()[-1] == "お問い合わせ: 日本電子認証株式会社 https://www.ninsho.co.jp/aosign/"
    assert en.splitlines()[-1] == "Ask: Nippon Denshi Ninsho Co., Ltd., https://www.ninsho.co.jp/aosign/"
    assert shipped()["e-probatio-ps2"].contact is None


def test_keys_in_software_are_met_only_by_name() -> None:
    assert shipped()["softhsm"].module_paths("linux") == ()


def test_what_is_unknown_may_be_said_so(tmp_path: Path) -> None:
    text = GOOD.replace('"digits"', '"unknown"').replace("= 10", '= "unknown"').replace('"none"', '"unknown"')
    text = text.replace("windows = ['C:\\Windows\\System32\\card.dll']", 'windows = "unknown"')
    known = load(write(tmp_path, f'contact = "unknown"\n{text}'))
    assert (known.pin_characters, known.max_tries, known.counter.probe) == ("any", None, Probe.UNKNOWN)
    assert (known.contact, known.module_paths("win32")) == (None, ())


def test_the_documented_profile_is_one(tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    known = load(write(tmp_path, blocks[-1]))
    here = Identity(b"", "", "", "", issuers=("OU=CA,O=Example Prefecture,C=JP",))
    there = Identity(b"", "", "", "PREF-123", "EXAMPLE-P11.DLL")
    assert [known.weight(each) is not None for each in (here, there, here._replace(issuers=()))] == [True, True, False]
    assert (known.max_tries, known.pin_characters, known.counter.probe) == (5, "digits", Probe.UNKNOWN)
    assert known.unlock("en").endswith("\nAsk: information policy section, extension 1234")
    assert known.module_paths("linux") == (Path("/usr/lib/example/example-p11.so"),)


def test_all_patterns_of_a_match_must_fit(tmp_path: Path) -> None:
    known = load(write(tmp_path, GOOD))
    assert known.weight(Identity(bytes.fromhex("3B8401"), "", "ID-1", ""))
    assert not known.weight(Identity(bytes.fromhex("3B8501"), "", "ID-1", ""))
    assert not known.weight(Identity(bytes.fromhex("3B8401"), "", "XY-1", ""))
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
        pytest.param(
            'probe = "none"',
            'probe = "verify-empty"\naid = "A0"\nreference = 256\ntells_login = true',
            "counter.reference must be one byte",
            id="reference",
        ),
        pytest.param('atr = "3B84*"\nmodel = "ID-*"', "", "at least one pattern", id="match without a pattern"),
        pytest.param('atr = "3B84*"', 'atr = "*"', "each must name something", id="pattern that fits all"),
        pytest.param('atr = "3B84*"', 'serial = "1"', "unknown key match.serial", id="unknown pattern"),
        pytest.param("[[match]]", "[match]", "must be written [[match]]", id="match as one table"),
        pytest.param('ja = "解除"', "", "missing 'ja'", id="text in one language"),
        pytest.param('ja = "解除"', 'ja = " "', "unlock must be texts", id="empty text"),
        pytest.param("[label]", 'contact = "ask"\n[label]', "contact must be a table", id="contact in one language"),
        pytest.param("'C:\\Windows\\System32\\card.dll'", "'card.dll'", "list of full paths", id="library by its name"),
        pytest.param("[label]", "[label", "", id="not TOML"),
    ],
)
def test_a_profile_that_cannot_be_used_names_its_file_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    file = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ProfileError) as refused:
        load(file)
    assert str(file) in str(refused.value)
    assert said in str(refused.value)
