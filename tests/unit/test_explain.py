"""`card-bridge explain`, and the lists of codes in docs/: one table, both languages, every code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge import errors
from bridge.explain import command, explanation
from bridge.settings import places
from scripts import error_codes

LANGUAGES = ("ja", "en")
OLD = ("03001", "03002", "10048", "10051")


def every_code() -> set[str]:
    kinds = [errors.BridgeError]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return {kind.code for kind in kinds if "code" in vars(kind)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_is_explained(language: str) -> None:
    assert set(explanation.codes()) == every_code()
    for code in explanation.codes():
        explained = explanation.explain(code, language)
        assert all(explained[:5]), code
        assert "{" not in "".join(explained[:5])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("old", OLD)
def test_a_code_of_the_earlier_helper_leads_to_ours(
    old: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run([old, "--language", language]) == 0
    printed = capsys.readouterr().out
    told = explanation.explain_old(old, language)
    assert printed.startswith(f"{old}  {told.text}\n")
    for code in told.codes:
        assert f"\n{code}  {explanation.explain(code, language).title}\n" in printed
        assert old in explanation.explain(code, language).old


def test_a_mistyped_code_names_what_is_near(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(["pin_lock", "no_card", "--language", "ja"]) == 2
    said = capsys.readouterr()
    assert said.out.startswith("no_card  ICカードが入っていません\n")
    assert said.err == "pin_lock: このコードはありません。近いもの: pin_locked\n"


def test_without_a_code_all_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(["--json", "--language", "en"]) == 0
    assert [entry["code"] for entry in json.loads(capsys.readouterr().out)] == list(explanation.codes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_in_docs_are_what_people_see(language: str) -> None:
    """`make codes` writes them anew."""
    assert error_codes.DOCS[language].read_text(encoding="utf-8") == error_codes.page(language)


def test_a_code_names_where_the_one_to_call_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (file := tmp_path / "config.toml").write_text(
        "[contact]\nagency = '見本市 契約課'\nadministrator = '内線 123'\n", encoding="utf-8"
    )
    monkeypatch.setattr(places, "user_file", lambda: file)
    assert command.run(["origin_denied", "no_reader", "busy", "pin_locked", "--json", "--language", "ja"]) == 0
    site, computer, nobody, card = (entry["contacts"] for entry in json.loads(capsys.readouterr().out))
    assert (site, computer, nobody) == (
        ["発注機関の連絡先: 見本市 契約課"],
        ["このパソコンの管理者の連絡先: 内線 123"],
        [],
    )
    assert (
        "AOSign ICカード（日本電子認証）: お問い合わせ: 日本電子認証株式会社 https://www.ninsho.co.jp/aosign/" in card
    )
    assert command.run(["no_reader", "--language", "en"]) == 0
    assert "helps.\n    This computer's administrator: 内線 123\n" in capsys.readouterr().out


def test_without_settings_nobody_is_named_whom_nobody_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.run(["no_reader", "--json", "--language", "ja"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["contacts"] == []
