"""Why the bridge does not start, in a terminal. The window where there is none is met under Wine."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.settings import places
from tray.app import run


def test_a_wrong_policy_is_said_in_the_terminal_and_nothing_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[origins]\nlockd = true\n", encoding="utf-8")
    monkeypatch.setattr(places, "policy_file", lambda: policy)
    for spoken, said in (
        ("ja_JP.UTF-8", "origins.lockd という設定はありません。"),
        ("en_GB.UTF-8", "unknown key origins.lockd"),
    ):
        monkeypatch.setenv("LC_ALL", spoken)
        assert run(["--no-tray"]) == 2
        assert capsys.readouterr().err.startswith(f"card-bridge: {policy}: {said}")
