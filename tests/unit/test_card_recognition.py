"""Which profile a card gets, of one, several or none that fit, and which libraries are looked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bridge.card.profiles.file import ProfileError
from bridge.card.profiles.profile import Identity, Probe
from bridge.card.profiles.recognition import Profiles, profiles

PIV = Identity(b"\x3b\x84", "piv_II", "PKCS#15 emulated", "someone", "opensc-pkcs11.so")
ISSUED = PIV._replace(issuers=("CN=AOSign CA,O=Nippon Denshi Ninsho,C=JP",))


def write(folder: Path, name: str, patterns: Mapping[str, str], modules: Sequence[str] = ()) -> None:
    """A profile that tells itself apart by its maximum, the length of its name."""
    match = "".join(f"{key} = {json.dumps(value)}\n" for key, value in patterns.items())
    (folder / f"{name}.toml").write_text(
        f'[label]\nja = "{name}"\nen = "{name}"\n[pin]\ncharacters = "any"\nmax_tries = {len(name)}\n'
        f'[counter]\nprobe = "none"\n[unlock]\nja = "解除"\nen = "unlock"\n'
        f"[modules]\nlinux = {json.dumps(list(modules))}\n" + (f"[[match]]\n{match}" if match else ""),
        encoding="utf-8",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "profiles"
    made.mkdir()
    return made


def known(folder: Path) -> Profiles:
    return profiles(str(folder))


def test_tokens_find_the_shipped_profile() -> None:
    assert profiles().recognise(PIV).name == "piv"
    assert profiles().recognise(Identity(b"", "SoftHSM project", "SoftHSM v2", "x")).name == "softhsm"


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("CN=AOSign G2 CA,C=JP", "aosign"),
        ("OU=TDB CA TypeA,C=JP", "tdb-typea"),
        ("O=TEIKOKU DATABANK\\, LTD.,C=JP", "tdb-typea"),
        ("O=株式会社帝国データバンク,C=JP", "tdb-typea"),
        ("OU=DIACERT-PLUS CA,C=JP", "diacert-plus"),
        ("OU=DIACERT CA,C=JP", "piv"),
        ("CN=TOiNX CA,C=JP", "toinx"),
        ("OU=e-Probatio PS2,C=JP", "e-probatio-ps2"),
        ("OU=e-Probatio PSA,C=JP", "piv"),
        ("OU=CoreCA,O=eJapan2 Tech Center,C=JP", "piv"),
    ],
)
def test_who_issued_the_card_says_more_than_what_the_library_calls_it(issuer: str, name: str) -> None:
    assert profiles().recognise(PIV._replace(issuers=(issuer,))).name == name


def test_cards_of_two_cas_in_one_are_unknown() -> None:
    two = PIV._replace(issuers=("CN=AOSign,C=JP", "CN=TOiNX,C=JP"))
    assert profiles().recognise(two).name == "unknown"


def test_an_unknown_card_is_assumed_nothing_of() -> None:
    found = profiles().recognise(Identity(b"\x3b\x00", "someone", "something", ""))
    assert (found.name, found.max_tries, found.counter.probe) == ("unknown", None, Probe.NONE)
    assert profiles().named("no such name") == found


def test_an_administrators_profile_goes_before_every_shipped_one(folder: Path) -> None:
    write(folder, "house", {"manufacturer": "piv_*"})
    assert [known(folder).recognise(each).name for each in (PIV, ISSUED)] == ["house", "house"]
    assert known(folder).recognise(PIV._replace(manufacturer="JPKI")).name == "unknown"


def test_one_of_the_same_name_replaces_the_shipped_one(folder: Path) -> None:
    write(folder, "aosign", {"atr": "3B99*"})
    assert known(folder).named("aosign").max_tries == len("aosign")
    assert known(folder).recognise(ISSUED).name == "piv"


@pytest.mark.parametrize(
    ("lighter", "heavier"),
    [
        ({"atr": "3B84*", "module": "opensc*"}, {"issuer": "*aosign*"}),
        ({"module": "OPENSC*", "manufacturer": "piv_II", "label": "someone"}, {"atr": "3B84*"}),
        ({"manufacturer": "piv_II", "model": "PKCS*", "label": "some*"}, {"module": "OpenSC*"}),
        ({"manufacturer": "piv_II"}, {"manufacturer": "piv_II", "label": "someone"}),
    ],
    ids=["issuer", "atr", "module", "more patterns"],
)
@pytest.mark.parametrize("names", [("first", "second"), ("second", "first")])
def test_the_weightier_of_two_that_fit_is_taken_whatever_their_names(
    folder: Path, lighter: dict[str, str], heavier: dict[str, str], names: tuple[str, str]
) -> None:
    write(folder, names[0], lighter)
    write(folder, names[1], heavier)
    assert known(folder).recognise(ISSUED).name == names[1]


def test_two_of_the_same_weight_contradict_each_other_and_the_card_is_unknown(folder: Path) -> None:
    write(folder, "first", {"module": "opensc*"})
    write(folder, "second", {"module": "*pkcs11*"})
    assert known(folder).recognise(PIV).name == "unknown"


def test_every_pattern_of_one_table_has_to_fit_and_one_table_is_enough(folder: Path) -> None:
    write(folder, "house", {"module": "opensc*", "label": "nobody"})
    assert known(folder).recognise(PIV).name == "piv"
    with (folder / "house.toml").open("a", encoding="utf-8") as file:
        file.write('[[match]]\natr = "3B84"\n')
    assert known(folder).recognise(PIV).name == "house"


def test_a_folder_that_is_not_there_or_holds_an_unusable_profile_is_said(folder: Path) -> None:
    with pytest.raises(ProfileError, match="no such folder"):
        known(folder / "absent")
    (folder / "bad.toml").write_text("[label]\n", encoding="utf-8")
    with pytest.raises(ProfileError, match=r"bad\.toml: missing"):
        known(folder)


def test_libraries_that_profiles_name_are_loaded_as_far_as_they_are_there(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.so", tmp_path / "second.so"
    first.touch()
    second.touch()
    write(folder, "one", {"label": "1"}, [str(first), str(tmp_path / "absent.so")])
    write(folder, "two", {"label": "2"}, [str(first)])
    found = known(folder).chosen(["profiles"], "linux")
    assert [path for path in found if path.parent == tmp_path] == [first]
    assert [each.name for each in known(folder).libraries("linux")[first]] == ["one", "two"]
    assert known(folder).chosen([], "linux") == []


def test_a_library_is_loaded_once_however_often_it_is_named(folder: Path, tmp_path: Path) -> None:
    library, link = tmp_path / "real.so", tmp_path / "link.so"
    library.touch()
    link.symlink_to(library)
    write(folder, "one", {"label": "1"}, [str(library)])
    assert known(folder).chosen([str(link), str(library)]) == [library]
    assert known(folder).chosen([str(link), "profiles"], "linux")[0] == library
    assert known(folder).chosen([str(link), "profiles"], "linux").count(library) == 1


def test_a_library_that_settings_name_is_asked_for_even_where_it_is_not(folder: Path, tmp_path: Path) -> None:
    """So that its absence is said, and not passed over."""
    assert known(folder).chosen([str(tmp_path / "absent.so")]) == [tmp_path / "absent.so"]
