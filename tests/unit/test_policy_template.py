"""The template for Windows' policies: every setting, every reference, Microsoft's rules, and what comes back of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from bridge import settings
from bridge.settings.registry import POLICY, Key, Value, settings_of
from installer.policy import files, table
from scripts.settings_table import DOCUMENT, with_table
from tests.policy_editor import Editor, Entry, Refused, S
from tests.policy_samples import samples, typed

CULTURES = ("en-US", "ja-JP")
CONTROLS = {"decimal": "decimalTextBox", "text": "textBox", "enum": "dropdownList", "list": "listBox"}
# Microsoft's ADMX schema: the children of an element in their order, and the attributes that it must and may have.
ORDER = {
    "policyDefinitions": ["policyNamespaces", "resources", "supportedOn", "categories", "policies"],
    "policyNamespaces": ["target"],
    "supportedOn": ["definitions"],
    "category": ["parentCategory"],
    "policy": ["parentCategory", "supportedOn", "enabledValue", "disabledValue", "elements"],
    "item": ["value"],
    "policyDefinitionResources": ["displayName", "description", "resources"],
    "resources": ["stringTable", "presentationTable"],
}
NEEDS = {
    "policyDefinitions": {"revision", "schemaVersion"},
    "target": {"prefix", "namespace"},
    "definition": {"name", "displayName"},
    "category": {"name", "displayName"},
    "policy": {"name", "class", "displayName", "explainText", "key"},
    "decimal": {"id", "valueName", "required", "minValue", "maxValue"},
    "text": {"id", "valueName", "required", "maxLength"},
    "enum": {"id", "valueName", "required"},
    "list": {"id", "key", "valuePrefix"},
    "item": {"displayName"},
    "string": {"id"},
    "presentation": {"id"},
    "decimalTextBox": {"refId", "defaultValue"},
    "textBox": {"refId"},
    "dropdownList": {"refId", "noSort", "defaultItem"},
    "listBox": {"refId"},
}
NAME = re.compile(r"[A-Za-z0-9_]+")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("PolicyDefinitions")
    files.write(made)
    return made


@pytest.fixture(scope="module")
def template(folder: Path) -> Xml.Element:
    return parsed(folder / "CardBridge.admx")


@pytest.fixture(params=CULTURES, scope="module")
def words(request: pytest.FixtureRequest, folder: Path) -> Xml.Element:
    return parsed(folder / request.param / "CardBridge.adml")


def parsed(file: Path) -> Xml.Element:
    return Xml.fromstring(file.read_bytes())  # noqa: S314  # our own text


def keys() -> list[str]:
    return [f"{name}.{field}" for name, cls in settings.SECTIONS.items() for field in cls._fields]


def ids(root: Xml.Element, tag: str, name: str = "id") -> list[str]:
    return [each.attrib[name] for each in root.iter(S + tag) if name in each.attrib]


def references(root: Xml.Element, kind: str) -> set[str]:
    found = re.findall(rf"\$\({kind}\.([^)]*)\)", Xml.tostring(root, encoding="unicode"))
    return set(found)


def test_the_files_lie_where_windows_looks_for_them(folder: Path) -> None:
    there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert there == ["CardBridge.admx", "en-US/CardBridge.adml", "ja-JP/CardBridge.adml"]


def test_every_setting_is_one_policy_of_the_computer(template: Xml.Element) -> None:
    policies = list(template.iter(f"{S}policy"))
    assert [each.attrib["name"] for each in policies] == [key.replace(".", "_", 1) for key in keys()]
    for policy, key in zip(policies, keys(), strict=True):
        section = key.split(".")[0]
        parent = policy.find(f"{S}parentCategory")
        assert parent is not None
        assert parent.attrib["ref"] == section
        assert (policy.attrib["class"], policy.attrib["key"]) == ("Machine", rf"{POLICY}\{section}")


def test_every_name_resolves(template: Xml.Element) -> None:
    categories, supported = ids(template, "category", "name"), ids(template, "definition", "name")
    assert set(ids(template, "parentCategory", "ref")) <= set(categories)
    assert set(ids(template, "supportedOn", "ref")) == set(supported)
    for names in (categories, supported, ids(template, "policy", "name")):
        assert len(names) == len(set(names))
        assert all(NAME.fullmatch(name) for name in names)


def test_every_word_and_presentation_resolves_in_both_languages(template: Xml.Element, words: Xml.Element) -> None:
    for tag, kind in (("string", "string"), ("presentation", "presentation")):
        defined = ids(words, tag)
        assert len(defined) == len(set(defined))
        assert set(defined) == references(template, kind)
        assert all(NAME.fullmatch(name) for name in defined)


def test_every_element_has_its_control_and_the_usual_value(template: Xml.Element, words: Xml.Element) -> None:
    presentations = {each.attrib["id"]: each for each in words.iter(f"{S}presentation")}
    for policy in template.iter(f"{S}policy"):
        elements = policy.find(f"{S}elements")
        if elements is None:
            assert "presentation" not in policy.attrib
            continue
        (element,), (control,) = elements, presentations[policy.attrib["name"]]
        assert policy.attrib["presentation"] == f"$(presentation.{policy.attrib['name']})"
        assert control.attrib["refId"] == element.attrib["id"] == policy.attrib["name"]
        kind = element.tag.removeprefix(S)
        assert control.tag.removeprefix(S) == CONTROLS[kind]
        default = _default(policy.attrib["name"])
        if kind == "decimal":
            assert control.attrib["defaultValue"] == str(int(default))
            assert int(element.attrib["minValue"]) <= default <= int(element.attrib["maxValue"])
        if kind == "enum":
            assert ["".join(item.itertext()).strip() for item in element][int(control.attrib["defaultItem"])] == default


def _default(name: str) -> Any:
    section, field = name.split("_", 1)
    return settings.SECTIONS[section]._field_defaults[field]


def test_the_files_keep_to_microsofts_schema(template: Xml.Element, words: Xml.Element) -> None:
    for root in (template, words):
        for element in root.iter():
            assert element.tag.startswith(S)
            tag = element.tag.removeprefix(S)
            order = ORDER.get(tag)
            children = [child.tag.removeprefix(S) for child in element]
            if order is not None:
                assert children == sorted(children, key=order.index), tag
                assert len(children) == len(set(children)), tag
            inside_value = tag in ("decimal", "string") and "id" not in element.attrib
            assert inside_value or NEEDS.get(tag, set()) <= set(element.attrib), tag


def test_every_text_is_there_in_its_own_language(folder: Path) -> None:
    japanese, english = (_texts(folder / culture / "CardBridge.adml") for culture in ("ja-JP", "en-US"))
    for name, text in japanese.items():
        assert text, name
        assert english[name], name
        assert text != english[name], name
        assert "`" not in text + english[name], name
        assert "](" not in text + english[name], name
    for key in keys():
        for texts in (japanese, english):
            assert key in texts[f"{key.replace('.', '_', 1)}_explained"]


def _texts(file: Path) -> dict[str, str]:
    return {each.attrib["id"]: each.text or "" for each in parsed(file).iter(f"{S}string") if "id" in each.attrib}


def tree(entries: list[Entry]) -> Key:
    """The registry below the policy's key, as it is read."""
    root = Key({}, {})
    for entry in entries:
        key = root
        for name in entry.key.removeprefix(POLICY).strip("\\").split("\\"):
            key = key.keys.setdefault(name, Key({}, {}))
        key.values[entry.name] = Value(entry.kind, entry.data)
    return root


@pytest.mark.parametrize("key", keys())
def test_what_a_policy_writes_is_what_the_bridge_reads(template: Xml.Element, key: str) -> None:
    editor, name = Editor(template), key.replace(".", "_", 1)
    for sample in samples()[key]:
        entries = editor.disabled(name) if sample is False else editor.enabled(name, {name: typed(key, sample)})
        assert settings_of(POLICY, tree(entries)) == {key: sample}


@pytest.mark.parametrize("name", ["pin_stop_at", "card_host_deadline_seconds", "bridge_port"])
def test_the_editor_refuses_what_the_bridge_would(template: Xml.Element, name: str) -> None:
    section, field = name.split("_", 1)
    rule = settings.values.RULES[f"{section}.{field}"]
    assert isinstance(rule, settings.values.Range)
    with pytest.raises(Refused):
        Editor(template).enabled(name, {name: rule.high + 1})


def test_a_disabled_policy_with_a_value_leaves_nothing(template: Xml.Element) -> None:
    assert Editor(template).disabled("origins_allowed") == []


def test_the_guides_addresses_for_intune_are_those_of_the_template(template: Xml.Element) -> None:
    guide = (DOCUMENT.parent / "admin-guide.md").read_text(encoding="utf-8")
    rows = re.findall(r"Policy/Config/CardBridge~Policy~CardBridge~(\w+)/(\w+)\n +(<enabled/>.*)\n", guide)
    editor, entries = Editor(template), []
    for category, name, payload in rows:
        assert category in ids(template, "category", "name")
        entries += editor.enabled(name, {each.attrib["id"]: _sent(each) for each in _data(payload)})
    assert settings_of(POLICY, tree(entries)) == {
        "origins.allowed": ("https://portal.example", "https://second.example"),
        "origins.locked": True,
        "pin.session_seconds": 300,
    }


def _data(payload: str) -> list[Xml.Element]:
    return Xml.fromstring(f"<row>{payload}</row>").findall("data")  # noqa: S314  # our own text


def _sent(data: Xml.Element) -> Any:
    """Of a list every second part is an entry; the others number them."""
    value = data.attrib["value"]
    return value.split("\uf000")[1::2] if "\uf000" in value else int(value)


def test_settings_md_shows_the_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == with_table(text), "python -m scripts.settings_table"


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        ("[pin.stop_at]", "[pin.stopp_at]", KeyError),
        ("[log]", "[logs]\nja = 'x'\nen = 'x'\n\n[log]", ValueError),
        ("[log.level]", "[log.more]\nja = 'x'\n\n[log.level]", ValueError),
        ('ERROR = { ja = "ERROR（エラーのみ）", en = "ERROR (least)" }', "", ValueError),
    ],
)
def test_words_that_are_missing_or_left_over_stop_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, error: type[Exception]
) -> None:
    text = table._FILE.read_text(encoding="utf-8")
    assert before in text
    (changed := tmp_path / "table.toml").write_text(text.replace(before, after), encoding="utf-8")
    monkeypatch.setattr(table, "_FILE", changed)
    with pytest.raises(error):
        table.sections()
