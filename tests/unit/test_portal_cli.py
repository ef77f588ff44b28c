"""Settings, texts, CSV and the command line."""

from __future__ import annotations

import ast
import asyncio
import re
import tomllib
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

import pytest

from portal import cli, texts, toml
from portal.hours import Weekday
from portal.qualification import reading
from portal.qualification.reading import ImportFault
from portal.refusals import Refused
from portal.settings import Settings, SettingsError, load_settings, parse_settings
from portal.signatures import cms, statement
from portal.store import Contractor
from tests.procedure.example import CONTRACTOR, NUMBER
from tests.unit import portal_pki as pki
from tests.unit.portal_world import world

SOURCES = Path(cli.__file__).parent


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "portal.toml"
    path.write_text('database = "data/portal.sqlite3"\n[trust]\nanchors = "anchors"\n', encoding="utf-8")
    return path


def test_defaults_are_yamaguchis(tmp_path: Path) -> None:
    settings = parse_settings({}, tmp_path)
    assert settings.agency == Settings().agency
    assert (settings.agency.name, settings.agency.prefix) == ("山口市", "9991")
    assert settings.database == tmp_path / "portal.sqlite3"
    assert settings.trust.crls == tmp_path / "trust/crls"
    assert settings.site.client_script is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("databse = 'x'", "unknown key: databse"),
        ("[agency.contact]\nphone = '1'", "unknown key: agency.contact.phone"),
        ("[listen]\nport = true", "listen.port: expected int"),
        ("[listen]\nport = 99999", "listen.port"),
        ("[agency]\nprefix = '99'", "agency.prefix"),
        ("[site]\norigin = 'http://localhost'", "site.origin"),
        ("[site]\npractice = 'yes'", "site.practice: expected bool"),
        ("[limits]\nnonce_minutes = 0", "limits"),
        ("[limits]\nsession_minutes = 5", "limits.warn_minutes"),
        ('[officers]\nmail = ["担当課"]', "officers.mail[0]: expected a mail address"),
        ("[officers]\nrows = 0", "officers.rows: expected 1 or more"),
        ("[entrance]\nbridge = 'javascript:alert(1)'", "entrance.bridge"),
        ("[entrance]\nrows = 0", "entrance.rows"),
        ("[[entrance.news]]\ndate = 2026-04-01", "missing key: entrance.news[0].text"),
        ("tls = 3", "tls: expected Tls"),
        ('checks.bridge_version = "1.x"', "checks.bridge_version: expected numbers and dots, like 1.2.0"),
        ("checks.clock_seconds = 0", "checks.clock_seconds: expected 1 or more"),
        ("verification.max_bytes = 65535", "verification.max_bytes: expected 65536 to 16777215"),
        ("verification.max_bytes = 16777216", "verification.max_bytes: expected 65536 to 16777215"),
        ("verification.per_minute = 0", "verification.per_minute: expected 1 or more"),
        ("verification.at_once = 0", "verification.at_once: expected 1 or more"),
        ("verification.upload_seconds = 0", "verification.upload_seconds: expected 1 or more"),
        ("[hours]\nopens = '8:30'", "hours.opens: expected a time like 08:30:00"),
        ("[hours]\nopens = 21:00:00", "hours.closes: expected a time after opens"),
        ("[hours]\nclosed_weekdays = ['saturday', 'caturday']", 'hours.closed_weekdays[1]: expected "monday" or'),
        ("[hours]\nclosed_weekdays = 'sunday'", "hours.closed_weekdays: expected a list"),
        ("[hours]\nclosed_days = [2026-12-28T00:00:00]", "hours.closed_days[0]: expected a date like 2026-12-28"),
    ],
)
def test_wrong_settings_are_named(source: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        parse_settings(tomllib.loads(source), tmp_path)


def test_lists_days_times_and_choices_are_read(tmp_path: Path) -> None:
    source = """
    [hours]
    opens = 09:00:00
    closed_weekdays = ["sunday"]
    closed_yearly = ["08-13/08-15", "12-29/01-05"]
    closed_days = [2026-12-28]
    """
    hours = parse_settings(tomllib.loads(source), tmp_path).hours
    assert (hours.opens, hours.closes) == (time(9), time(20))
    assert hours.closed_weekdays == (Weekday.SUNDAY,)
    assert hours.closed_yearly == ("08-13/08-15", "12-29/01-05")
    assert hours.closed_days == (date(2026, 12, 28),)


@dataclass(frozen=True)
class Entry:
    name: str
    file: Path = Path("here")


@dataclass(frozen=True)
class Entries:
    entries: tuple[Entry, ...] = (Entry("first"),)


def test_a_list_of_tables_keeps_its_paths_below_the_folder(tmp_path: Path) -> None:
    assert toml.build(Entries, {}, "", tmp_path) == Entries((Entry("first", tmp_path / "here"),))
    given = {"entries": [{"name": "a"}, {"name": "b", "file": "/there"}]}
    assert toml.build(Entries, given, "", tmp_path).entries == (
        Entry("a", tmp_path / "here"),
        Entry("b", Path("/there")),
    )
    with pytest.raises(SettingsError, match=re.escape("missing key: entries[1].name")):
        toml.build(Entries, {"entries": [{"name": "a"}, {}]}, "", tmp_path)


def test_a_settings_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load_settings(tmp_path / "none.toml")


def test_every_code_has_texts_in_both_languages() -> None:
    raised = set()
    for path in SOURCES.rglob("*.py"):
        if "web" not in path.parts:
            source = path.read_text(encoding="utf-8")
            raised |= set(re.findall(r'(?:Refused|super\(\).__init__)\(\s*"([a-z_]+)"', source))
            for words in re.findall(r"^WORDS: Final = ({.*})$", source, re.MULTILINE):
                raised |= set(ast.literal_eval(words).values())
    assert raised == set(texts.codes())
    for code in raised:
        for language in texts.LANGUAGES:
            assert all(texts.text(code, language)), code


def test_samples_hold_the_procedures_company() -> None:
    assert reading.samples()[0] == Contractor(number=NUMBER, **CONTRACTOR)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_csv_in_the_agencies_encodings(encoding: str) -> None:
    data = (SOURCES / "contractors.csv").read_text(encoding="utf-8").replace("\n", "\r\n").encode(encoding)
    assert reading.parse(data) == (reading.samples(), {})


def test_every_bad_line_is_named_and_nothing_is_imported() -> None:
    header = ",".join(reading.HEADER)
    rows = ["000000101,a,,,,", "12345,a,,,,", "000000103,,,,,", "000000104,a", "000000101,b,,,,", ""]
    with pytest.raises(ImportFault) as caught:
        reading.parse("\n".join((header, *rows)).encode())
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["3行目", "4行目", "5行目", "6行目"]
    with pytest.raises(ImportFault, match="見出し"):
        reading.parse(b"a,b,c")
    with pytest.raises(ImportFault, match="1行目: 文字コード"):
        reading.parse(b"\x81")
    with pytest.raises(ImportFault, match="3行目: 文字コード"):
        reading.parse("\ufeff業者番号\n山\n".encode() + b"\x8e")


def test_bad_lines_are_found_among_thousands_of_good_ones() -> None:
    rows = [f"{number},a,,,," for number in range(200_000_000, 200_003_000)]
    rows[700] = '200000700,"a\r\nb",,,,'  # one line more for all that come behind
    rows[1200] = rows[1199]
    rows[2500] = rows[3]
    rows[2600] = "200002600, ,,,,"
    rows[2900] = '"200002900"x,a,,,,'
    with pytest.raises(ImportFault) as caught:
        reading.parse("\r\n".join((",".join(reading.HEADER), *rows)).encode("cp932"))
    lines = [fault.split(":")[0] for fault in caught.value.faults]
    assert lines == ["703行目", "1203行目", "2503行目", "2603行目", "2903行目"]


def test_rows_come_without_the_spaces_around_their_cells() -> None:
    rows = [f" {number} ,　a b ,,, c," for number in range(200_000_000, 200_000_700)]
    read = reading.parse("\n".join((",".join(reading.HEADER), *rows)).encode()).rows
    assert read == [Contractor(str(number), "a b", "", "", "c", "") for number in range(200_000_000, 200_000_700)]


def test_init_import_list_show_export(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["init", "--config", str(config), "--samples"]) == 0
    assert "trust anchors: 0" in capsys.readouterr().out
    assert cli.main(["import-contractors", "--config", str(config), str(SOURCES / "contractors.csv")]) == 0
    assert "added: 0, changed: 0, removed: 0" in capsys.readouterr().out

    async def register() -> str:
        async with world(tmp_path / "world") as made:
            registered = await made.register()
            await made.register(made.authority.issue(122, pki.subject("無関係株式会社")))
            return registered.company_id

    (tmp_path / "world").mkdir()
    company_id = asyncio.run(register())
    config.write_text('database = "world/portal.sqlite3"\n', encoding="utf-8")
    assert cli.main(["list", "--config", str(config)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{company_id}  R-000001  000000101  registered  2026/11/24 10:02:03",
        f"{company_id}  R-000002  000000101  provisional  2026/11/24 10:02:03  organization_differs  number_taken",
    ]
    assert cli.main(["show", "--config", str(config), company_id]) == 0
    assert "証明書シリアル番号: 121" in capsys.readouterr().out
    target = tmp_path / "signed.cms"
    assert cli.main(["export-cms", "--config", str(config), company_id, str(target)]) == 0
    assert statement.read(cms.read(target.read_bytes()).content).origin == pki.ORIGIN
    assert cli.main(["show", "--config", str(config), "9991000000009999"]) == 1


def test_a_reason_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "--config", str(tmp_path / "none.toml")]) == 1
    assert "none.toml" in capsys.readouterr().err


def test_help_says_what_each_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    shown = capsys.readouterr().out
    for command in ("serve", "init", "import-contractors", "list", "show", "export-cms"):
        assert command in shown


def test_a_refusal_says_code_and_fact() -> None:
    assert str(Refused("nonce_spent", "twice")) == "nonce_spent: twice"
    assert str(Refused("nonce_spent")) == "nonce_spent"
