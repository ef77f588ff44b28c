"""The documents tell the truth about the code: codes, methods, settings, limits, tests, links and commands."""

from __future__ import annotations

import dataclasses
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from bridge import messages
from bridge import settings as bridge_settings
from bridge.card.certinfo import describe
from bridge.card.signature import statement
from bridge.cli import COMMANDS
from bridge.errors import CODES, BadRequest, from_wire
from bridge.messages import METHODS, parse
from portal.settings import Settings as PortalSettings
from tests.unit import pki
from tray.pin_window import question

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "client").glob("*.md")])
PROTOCOL = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
THREATS = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
OPENAPI: dict[str, Any] = json.loads((ROOT / "bridge/openapi.json").read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = OPENAPI["components"]["schemas"]
NPM: dict[str, Any] = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
OURS = re.compile(r"(?:bridge|certs|tray|portal|client|tests|docs|requirements|benchmarks)/[\w./-]*[\w/]")


def prose(document: Path) -> str:
    return FENCE.sub("", document.read_text(encoding="utf-8"))


def section(text: str, title: str) -> str:
    """From a heading of level 2 to the next."""
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each table row whose first cell is code."""
    for line in text.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def anchor(heading: str) -> str:
    """The name that a heading gets on the web: lower case, blanks to hyphens, punctuation dropped."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    return {anchor(line.lstrip("# ")) for line in prose(document).splitlines() if line.startswith("#")}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_and_pictures_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if target.startswith("https://"):
            continue
        path, _, fragment = target.partition("#")
        found = document.parent / path if path else document
        assert found.exists(), target
        assert not fragment or fragment in anchors(found), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_commands_that_are_named_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    code = [*INLINE.findall(prose(document)), *FENCE.findall(text)]
    for span in code:
        for name in re.findall(r"card-bridge ([a-z][a-z-]*)(?!\S*[./])", span):
            assert name in COMMANDS or name == "ready", span
        if OURS.fullmatch(span):
            assert (ROOT / span).exists(), span


def test_every_error_code_stands_in_the_protocol_as_it_is() -> None:
    table = {code.strip("`"): (status, retriable) for code, status, retriable, _ in rows(section(PROTOCOL, "Errors"))}
    errors = [from_wire({"code": code}) for code in CODES]
    assert table == {each.code: (str(each.status), "yes" if each.retriable else "no") for each in errors}


def test_every_method_stands_in_the_protocol() -> None:
    first_cells = [cells[0].strip("`") for cells in rows(section(PROTOCOL, "Methods"))]
    assert tuple(first_cells[: len(METHODS)]) == METHODS


def test_the_protocols_limits_are_the_codes() -> None:
    assert f"{messages.MAX_BODY:,} bytes" in PROTOCOL
    assert f"string({messages.MAX_ACTION})" in PROTOCOL
    assert f"depth {messages.MAX_DEPTH}" in PROTOCOL
    assert statement.CONTENT_TYPE in PROTOCOL


def test_the_protocols_confirmation_number_is_right() -> None:
    request = {
        "type": "login",
        "action": "利用者登録",
        "aud": "https://portal.example",
        "nonce": "A" * 43,
        "payload": {"業者番号": "000000101"},
    }
    assert f"it is `{statement.confirmation_number(request)}`" in PROTOCOL


def test_the_certificate_object_is_the_protocols_and_openapis() -> None:
    wire = describe(pki.card().certificate, datetime.now(UTC)).wire("reader")
    table = section(PROTOCOL, "Methods").split("**Certificate**", 1)[1].split("**Reader**", 1)[0]
    assert {name for cells in rows(table) for name in INLINE.findall(cells[0])} == set(wire)
    assert SCHEMAS["Certificate"]["required"] == list(wire)


def test_the_windows_question_is_the_protocols() -> None:
    table = section(PROTOCOL, "The PIN window's pipe")
    assert {name for cells in rows(table) for name in INLINE.findall(cells[0])} == question._KEYS


def test_every_rung_of_the_portals_ladder_stands_in_the_protocol() -> None:
    told = set(INLINE.findall(section(PROTOCOL, "What a verifier checks")))
    raised = _raised(*(f"signatures/{name}" for name in ("cms", "algorithms", "statement", "ladder", "trust")))
    assert raised
    assert raised <= told


def test_every_check_of_a_signed_document_stands_in_the_protocol() -> None:
    told = set(INLINE.findall(section(PROTOCOL, "What 検証機能 checks")))
    raised = _raised("signatures/algorithms", *(f"verification/{name}" for name in ("document", "opening", "verdicts")))
    assert raised
    assert raised - {"verification_timeout"} <= told


def _raised(*modules: str) -> set[str]:
    sources = [ROOT / "portal" / f"{name}.py" for name in modules]
    return {code for path in sources for code in re.findall(r'Refused\("([a-z_]+)"', path.read_text(encoding="utf-8"))}


def test_openapi_holds_every_method_and_code() -> None:
    doors = {"/", "/openapi.json", "/v1/ws", f"/v1/{messages.UPLOAD}", f"/v1/{messages.UPLOAD}/{{handle}}"}
    assert set(OPENAPI["paths"]) == doors | {f"/v1/{method}" for method in METHODS}
    assert SCHEMAS["Problem"]["properties"]["code"]["enum"] == list(CODES)
    assert SCHEMAS["Statement"]["required"] == list(messages.Statement._fields)
    assert SCHEMAS["Statement"]["properties"]["nonce"]["pattern"] == f"^{messages._NONCE.pattern}$"
    assert SCHEMAS["Statement"]["properties"]["type"]["pattern"] == f"^{messages._TYPE.pattern}$"
    assert SCHEMAS["CertificateId"]["pattern"] == SCHEMAS["CardId"]["pattern"] == f"^{messages._ID.pattern}$"
    assert SCHEMAS["PinSessionHandle"]["pattern"] == f"^{messages._HANDLE.pattern}$"


def test_openapis_references_resolve_and_all_schemas_are_used() -> None:
    used = set(re.findall(r'"\$ref": "#/components/([^"]+)"', json.dumps(OPENAPI)))
    named = {f"{kind}/{name}" for kind, entries in OPENAPI["components"].items() for name in entries}
    assert used == named


EXAMPLES: dict[str, Any] = {
    "certificate": "ab" * 32,
    "card": "cd" * 32,
    "action": "ログイン",
    "pinSession": "h" * 32,
    "keepPinSession": True,
    "purpose": "sign",
    "all": True,
    "documents": [{"name": "a.pdf", "format": "cades-detached", "content": "AA=="}],
    "level": "B-T",
    "statement": {
        "type": "login",
        "action": "ログイン",
        "aud": "https://portal.example",
        "nonce": "A" * 43,
        "payload": {},
    },
}


@pytest.mark.parametrize("method", METHODS)
def test_openapis_params_are_what_the_parser_takes(method: str) -> None:
    content = OPENAPI["paths"][f"/v1/{method}"]["post"]["requestBody"]["content"]
    schema = SCHEMAS[content["application/json"]["schema"]["$ref"].rpartition("/")[2]]
    for shape in schema.get("oneOf", [schema]):
        whole = {name: EXAMPLES[name] for name in shape["properties"]}
        least = {name: EXAMPLES[name] for name in shape["required"]}
        parse(method, whole)
        parse(method, least)
        with pytest.raises(BadRequest):
            parse(method, {**whole, "else": 1})
        for name in least:
            with pytest.raises(BadRequest):
                parse(method, {key: value for key, value in least.items() if key != name})


def test_every_setting_of_the_bridge_stands_with_its_default() -> None:
    table = {cells[0].strip("`"): (cells[2].strip("`"), cells[3]) for cells in rows(section(SETTINGS, "Bridge"))}
    wanted = {}
    for name, cls in bridge_settings.SECTIONS.items():
        for field, default in cls._field_defaults.items():
            key = f"{name}.{field}"
            where = "machine" if key in bridge_settings.MACHINE_ONLY else "any"
            wanted[key] = (json.dumps(default), where)
    assert table == wanted


def test_every_setting_of_the_portal_stands_with_its_default() -> None:
    table = {cells[0].strip("`"): cells[2].strip("`") for cells in rows(section(SETTINGS, "Portal"))}
    assert table == dict(_flat(PortalSettings(), ""))


def _flat(settings: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            yield from _flat(value, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}", _toml(value)


def _toml(value: Any) -> str:
    """A default as an agency would write it."""
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return f"{{ {', '.join(f'{name} = {_toml(getattr(value, name))}' for name in names)} }}"
    if isinstance(value, date | time):
        return value.isoformat()
    shown = value.as_posix() if isinstance(value, Path) else value
    return "none" if shown is None else json.dumps(shown, ensure_ascii=False)


def test_every_test_and_contract_of_the_threat_model_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", THREATS)
    assert len(named) == THREATS.count(".py::") > 100
    for file, function in named:
        source = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"^(?:async )?def {function}\(", source, re.MULTILINE), f"{file}::{function}"
    contracts = {contract["name"] for contract in PROJECT["tool"]["importlinter"]["contracts"]}
    assert set(re.findall(r'\*contract\* "([^"]+)"', THREATS)) <= contracts


def test_every_threat_names_what_shows_it_or_says_that_nothing_does() -> None:
    table = [line for line in THREATS.splitlines() if re.match(r"\| [STRIDE] \|", line)]
    assert len(table) > 100
    for line in table:
        *_, threat, held, shown, _ = [cell.strip() for cell in line.split("|")]
        assert "::" in shown or shown in ("there", "not yet shown"), threat
        assert held, threat


def test_the_threat_model_shows_all_nineteen_invariants() -> None:
    table = [line for line in section(THREATS, "PIN-retry safety").splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(line.split("|")[1]) for line in table] == list(range(1, 20))
    for line in table:
        _, number, _, where, tests, _ = [cell.strip() for cell in line.split("|")]
        assert "::" in tests, f"nothing shows invariant {number}"
        assert "not yet" not in line, number
        assert "`" in where or where == "window", number


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
    told = {name for line in text.splitlines() if line.startswith("| ") for name in line.split("|")[1].split(", ")}
    project = PROJECT["project"]
    listed = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    names = {re.split(r"[<>=;\[ ]", each)[0] for each in listed} | NPM["devDependencies"].keys()
    assert names == {name.strip() for name in told} - {"package", "---"}
