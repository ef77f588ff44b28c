"""What the doctor says of browsers, proxies, clock, account and line, each on a computer where it is so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.flow.doctor import ask, settings
from tests.private_system import available, unshare

private = pytest.mark.skipif(not available(), reason="needs a mount namespace for an administrator's files")
ORIGIN = "https://portal.example"
ENTER = 'mount --bind "$0" /etc/chromium && exec "$@"'
HIJACK = "network.proxy.allow_hijacking_localhost"


def policy(folder: Path, text: str) -> list[str]:
    """A command in whose /etc/chromium an administrator has written this."""
    if not Path("/etc/chromium").is_dir():
        pytest.skip("needs Chromium as Debian installs it")
    rules = folder / "chromium" / "policies" / "managed" / "site.json"
    rules.parent.mkdir(parents=True)
    rules.write_text(text, encoding="utf-8")
    return [*unshare(), "sh", "-c", ENTER, str(folder / "chromium")]


@private
@pytest.mark.parametrize(
    ("written", "ok", "said"),
    [
        ("{}", True, "the browser asks once for each site"),
        (
            json.dumps(
                {
                    name: [f"{ORIGIN}:443"]
                    for name in ("LoopbackNetworkAllowedForUrls", "LocalNetworkAccessAllowedForUrls")
                }
            ),
            True,
            "lets sites connect unasked: 1",
        ),
        (json.dumps({"LoopbackNetworkBlockedForUrls": [f"{ORIGIN}:443"]}), False, "LoopbackNetworkBlockedForUrls"),
        (json.dumps({"LoopbackNetworkBlockedForUrls": ["*"]}), False, "LoopbackNetworkBlockedForUrls"),
        (json.dumps({"LocalNetworkAccessBlockedForUrls": ["[*.]example"]}), False, "LocalNetworkAccessBlockedForUrls"),
        (json.dumps({"LoopbackNetworkBlockedForUrls": ["https://elsewhere.test"]}), True, "the browser asks"),
        ('{"LoopbackNetworkAllowedForUrls": [', False, "site.json"),
        ('["LoopbackNetworkAllowedForUrls"]', False, "site.json"),
    ],
)
def test_a_policy_on_connections(tmp_path: Path, written: str, ok: bool, said: str) -> None:
    config = settings(tmp_path)
    text = config.read_text(encoding="utf-8").replace("[origins]\n", f'[origins]\nallowed = ["{ORIGIN}"]\n')
    config.write_text(text, encoding="utf-8")
    told = ask(config, around=policy(tmp_path, written)).lines["browser_policy"]
    line = next(each for each in told if each.en.startswith("Chromium:"))
    assert (line.ok, said in line.en) == (ok, True), line


def test_the_preference_by_which_firefox_sends_localhost_to_its_proxy(tmp_path: Path) -> None:
    profile = tmp_path / ".mozilla" / "firefox" / "x.default"
    profile.mkdir(parents=True)
    preferences = profile / "prefs.js"
    preferences.write_text(f'user_pref("network.proxy.type", 1);\nuser_pref("{HIJACK}", false);\n', encoding="utf-8")
    config = settings(tmp_path)
    assert ask(config, HOME=str(tmp_path)).only("proxy").ok
    preferences.write_text(f'user_pref("{HIJACK}", true);\n', encoding="utf-8")
    line = ask(config, HOME=str(tmp_path)).only("proxy")
    assert (line.ok, HIJACK in line.ja, "~/.mozilla/firefox/x.default/prefs.js" in line.ja) == (False, True, True)


@pytest.mark.skipif(shutil.which("gsettings") is None, reason="needs GNOME's settings")
def test_the_desktops_own_proxy(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "GSETTINGS_BACKEND": "keyfile"}

    def write(key: str, value: str) -> None:
        command = ["gsettings", "set", "org.gnome.system.proxy", key, value]
        subprocess.run(command, env={**os.environ, **env}, check=True)

    config = settings(tmp_path)
    write("ignore-hosts", "['localhost', '<-loopback>']")
    assert ask(config, **env).only("proxy").en == "no proxy is set"
    write("mode", "manual")
    line = ask(config, **env).only("proxy")
    assert (line.ok, "org.gnome.system.proxy" in line.en) == (False, True)
    write("ignore-hosts", "['localhost', '127.0.0.0/8']")
    line = ask(config, **env).only("proxy")
    assert line.ok
    assert "a proxy is in use (org.gnome.system.proxy)" in line.en


@pytest.mark.skipif(shutil.which("faketime") is None, reason="needs faketime")
def test_a_clock_that_is_years_behind_its_own_files(tmp_path: Path) -> None:
    config = settings(tmp_path)
    assert ask(config).only("clock").ok
    line = ask(config, around=["faketime", "2001-02-03 04:05:06"]).only("clock")
    assert not line.ok
    assert "2001-02-03" in line.ja
    assert "2001-02-03" in line.en


def test_a_clock_that_was_set_back_since_the_last_entry_of_the_log(tmp_path: Path) -> None:
    config = settings(tmp_path)
    log = tmp_path / "log" / "bridge.log"
    log.parent.mkdir()
    log.touch()
    os.utime(log, (time.time() + 200,) * 2)  # some minutes are what a synchronisation may take back
    assert ask(config).only("clock").ok
    os.utime(log, (time.time() + 7200,) * 2)
    line = ask(config).only("clock")
    assert (line.ok, "its last log entry" in line.en, "記録ファイル" in line.ja) == (False, True, True)


def test_a_japanese_account_works_and_its_name_is_not_told(tmp_path: Path) -> None:
    home = tmp_path / "山田太郎"
    home.mkdir()
    told = ask(settings(home), HOME=str(home), LOGNAME="山田太郎", USER="山田太郎")
    assert told.only("account").ok
    assert "半角英数字のアカウント" in told.only("account").ja
    assert "山田" not in told.text
    assert "~/log" in told.text
    personal = ask(settings(home), "--personal", HOME=str(home))
    assert "山田太郎/log" in personal.text


def test_an_account_in_plain_letters(tmp_path: Path) -> None:
    assert (
        ask(settings(tmp_path), HOME=str(tmp_path)).only("account").en
        == "account and folders are named in plain letters"
    )


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22", "DISPLAY": ""}, "remote terminal"),
        ({"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22", "DISPLAY": "localhost:10"}, "remote desktop"),
        ({"XRDP_SESSION": "1", "DISPLAY": ":10"}, "remote desktop"),
        ({"DISPLAY": ":0"}, None),
    ],
)
def test_who_sits_at_the_other_end_of_a_line(tmp_path: Path, variables: dict[str, str], said: str | None) -> None:
    told = ask(settings(tmp_path), **({"SSH_CONNECTION": "", "XRDP_SESSION": "", "WAYLAND_DISPLAY": ""} | variables))
    assert ("remote" in told.lines) is (said is not None)
    assert said is None or said in told.only("remote").en


def test_settings_that_cannot_be_used_are_a_line_and_the_others_stay(tmp_path: Path) -> None:
    config = settings(tmp_path)
    config.write_text("[card]\nmodule = []\n", encoding="utf-8")
    told = ask(config, "--fix", HOME=str(tmp_path), XDG_DATA_HOME="", XDG_CONFIG_HOME="", XDG_STATE_HOME="")
    assert not told.only("settings").ok
    assert "unknown key card.module" in told.only("settings").en
    assert "card.module という設定はありません" in told.only("settings").ja
    assert {"version", "port", "clock", "account", "directory"} <= told.lines.keys()
    assert {"card_failed", "repaired"}.isdisjoint(told.lines)
    assert not (tmp_path / ".local").exists()
