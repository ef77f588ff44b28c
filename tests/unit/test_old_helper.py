"""The earlier helper's settings: what is recognised in them whatever their format, and what never becomes a site."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.origin import is_acceptable
from tray.first_run.old_helper import places, reading
from tray.first_run.old_helper.reading import Found, recognised

SITE = "https://ebid.example.jp"


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("https://ebid.example.jp", SITE),
        ("url1=https://ebid.example.jp/CALS/index.html?x=1#y", SITE),
        ("https\\://ebid.example.jp/", SITE),
        ("url=\\u0068ttps://ebid.example.jp/", SITE),
        ('<add key="url" value="https://EBID.example.JP:443/" />', SITE),
        ('{"urls": ["https://ebid.example.jp:8443/a"]}', f"{SITE}:8443"),
        ("  HTTPS://ebid.example.jp;", SITE),
        ("https://入札.example.jp/", "https://xn--y5qw44c.example.jp"),
    ],
)
def test_a_site_is_recognised_and_written_as_browsers_write_it(text: str, site: str) -> None:
    assert recognised(text, properties=True).sites == (site,)


@pytest.mark.parametrize(
    "text",
    [
        "http://ebid.example.jp/",
        "wss://ebid.example.jp/",
        "https://*.example.jp/",
        "https://ebid.example.jp:99999/",
    ],
)
def test_what_the_gate_would_not_let_in_is_told_and_not_taken(text: str) -> None:
    assert recognised(text) == Found(refused=(text,))


def test_a_password_in_an_address_is_not_told() -> None:
    assert recognised("https://user:secret@ebid.example.jp/").refused == ("https://…@ebid.example.jp/",)


def test_names_of_xml_are_no_sites() -> None:
    text = '<x xmlns="http://www.w3.org/2000/xmlns/" y="http://schemas.microsoft.com/.NetConfiguration/v2.0"/>'
    assert recognised(text) == Found()


@pytest.mark.parametrize(
    ("text", "library"),
    [
        ("pkcs11=C:\\\\Program Files (x86)\\\\CA\\\\p11.dll", "C:\\Program Files (x86)\\CA\\p11.dll"),
        ("pkcs11=C\\:\\\\認証局\\\\p11.DLL", "C:\\認証局\\p11.DLL"),
        ("name = /usr/lib/ca/p11.so\n", "/usr/lib/ca/p11.so"),
    ],
)
def test_a_library_is_recognised(text: str, library: str) -> None:
    assert recognised(text, properties=True).libraries == (library,)


def test_a_librarys_bare_name_is_none() -> None:
    assert recognised("pkcs11=p11.dll").libraries == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_what_windows_programs_write_is_decoded(encoding: str) -> None:
    text = f"サイト={SITE}/\r\nライブラリ=C:\\認証\\p11.dll\r\n"
    assert recognised(reading.decoded(text.encode(encoding))) == Found((SITE,), (), ("C:\\認証\\p11.dll",))


@given(st.binary(max_size=300), st.booleans())
def test_whatever_stands_in_a_file_only_acceptable_sites_come_of_it(octets: bytes, properties: bool) -> None:
    found = recognised(reading.decoded(b"https://" + octets), properties=properties)
    assert all(is_acceptable(site, development=False) for site in found.sites)


def test_files_and_folders_are_read_and_each_site_named_once(tmp_path: Path) -> None:
    deep = tmp_path / "ebid" / "CoreRelay" / "conf"
    deep.mkdir(parents=True)
    (tmp_path / "ebid" / "ebid.properties").write_text("lib=/usr/lib/ca/p11.so", encoding="utf-8")
    (deep / "urls.txt").write_text(f"{SITE}/\n{SITE}/other\nhttps://b.example\n", encoding="utf-8")
    (deep / "program.exe").write_text("https://no.example", encoding="utf-8")
    named = tmp_path / "mine"
    named.write_text("https://c.example", encoding="utf-8")
    found = places.found([named, tmp_path / "ebid"])
    assert found == Found(("https://c.example", SITE, "https://b.example"), (), ("/usr/lib/ca/p11.so",))


def test_a_named_file_must_be_there_and_no_folder_is_looked_for_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        places.found([tmp_path / "absent"])
    assert places.usual({"ProgramData": str(tmp_path)}) == []
