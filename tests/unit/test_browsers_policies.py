"""How a browser's policy names a site, and that every word on it exists in both languages."""

from __future__ import annotations

import sys

import pytest

from tray.browsers import lines
from tray.browsers.command import browsers
from tray.browsers.policies import CHROMIUM, FIREFOX, Form, Standing
from tray.browsers.texts import standing


@pytest.mark.parametrize(
    ("origin", "exact", "host"),
    [
        ("https://portal.example", "https://portal.example:443", "portal.example"),
        ("https://portal.example:8443", "https://portal.example:8443", "portal.example"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]:443", "[2001:db8::1]"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", "[2001:db8::1]"),
    ],
)
def test_chromium_is_told_the_port_and_firefox_the_host(origin: str, exact: str, host: str) -> None:
    assert Form.ORIGIN.of(origin) == exact
    assert Form.HOST.of(origin) == host
    assert {each.form for each in CHROMIUM} == {Form.ORIGIN}
    assert {each.form for each in FIREFOX} == {Form.HOST}


def test_what_does_not_count_says_what_to_do_in_both_languages() -> None:
    gone = Standing("place", "entry", in_force=False)
    assert "「card-bridge browsers allow」をもう一度実行してください" in standing("ja", gone)
    assert "run `card-bridge browsers allow` again" in standing("en", gone)
    other = gone._replace(rival="other.json")
    assert "other.json に entry を加えてください" in standing("ja", other)
    assert "Add entry to other.json" in standing("en", other)


def test_where_no_policy_can_be_written_the_doctor_says_so_in_a_plain_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    (line,) = lines.examine()
    assert (line.name, line.ok) == ("browsers", True)
    assert "on this system" in line.en


@pytest.mark.parametrize("language", ["ja", "en"])
def test_help_is_in_the_language_that_was_asked_for(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        browsers(["allow", "--language", language, "--help"])
    assert ("ほかの人が書いた" in capsys.readouterr().out) is (language == "ja")


@pytest.mark.parametrize(
    "origin",
    ["https://portal.example/", "http://portal.example", '"', "https://*.example", "*", "https://a.example:443"],
)
def test_what_is_no_origin_is_refused(origin: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert browsers(["allow", "https://portal.example", origin, "--language", "ja"]) == 2
    assert "サイトのオリジンではありません" in capsys.readouterr().err
