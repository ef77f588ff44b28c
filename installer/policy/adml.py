"""CardBridge.adml: the template's words in one language. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as Xml

from bridge.settings.errors import Words
from installer.policy.admx import NAME, REVISION, SCHEMA, SUPPORTED, explanation, identifier, word
from installer.policy.table import Section, Setting, plain

_TITLE: Final = Words("電子入札カードブリッジ", "Card Bridge for Japanese e-bidding")
_ABOUT: Final = Words("電子入札カードブリッジの設定", "Settings of the card bridge for Japanese e-bidding")
_SUPPORTED: Final = Words(
    "Card Bridge 0.1 以降（Windows 10 または 11）", "Card Bridge 0.1 or later, on Windows 10 or 11"
)
_NAMED: Final = Words("設定名: {key}　既定値: {default}", "Setting: {key}, default: {default}")
_SWITCH: Final = Words(
    "有効: はい。無効: いいえ。未構成: 設定ファイルの値、なければ既定値になります。",
    "Enabled: yes. Disabled: no. Not configured: what the settings files say, else the default.",
)
_OTHERS: Final = Words(
    "無効または未構成: 設定ファイルの値、なければ既定値になります。",
    "Disabled or not configured: what the settings files say, else the default.",
)
_LIST: Final = Words(
    "1行に1つずつ書きます。設定ファイルの一覧は、この一覧に置き換えられます（追加はされません）。",
    "One entry on each line. This list replaces those of the settings files; nothing is added to them.",
)
_PATH: Final = Words(
    "%LOCALAPPDATA% などの変数は使えません。書いたとおりのフォルダーを使います。",
    "Variables such as %LOCALAPPDATA% are not replaced: the folder is taken as it stands.",
)
_SHARED: Final = Words(
    "このパソコンのすべての利用者が同じフォルダーを使うことになります。複数の人が使うパソコンでは未構成にしてください。",
    "It is the same folder for every user of the PC: leave this alone where several people use it.",
)
_START: Final = Words("ブリッジを次に起動したときから有効です。", "It counts from the next start of the bridge on.")


def resources(sections: list[Section], language: str) -> Xml.Element:
    """`language`: ja or en."""
    root = Xml.Element("policyDefinitionResources", xmlns=SCHEMA, revision=REVISION, schemaVersion="1.0")
    Xml.SubElement(root, "displayName").text = _in(language, _TITLE)
    Xml.SubElement(root, "description").text = _in(language, _ABOUT)
    inside = Xml.SubElement(root, "resources")
    strings, presentations = Xml.SubElement(inside, "stringTable"), Xml.SubElement(inside, "presentationTable")
    for name, words in _strings(sections):
        Xml.SubElement(strings, "string", id=name).text = _in(language, words)
    for setting in _settings(sections):
        if not isinstance(setting.default, bool):
            _presentation(presentations, setting, language)
    return root


def _strings(sections: list[Section]) -> Iterator[tuple[str, Words]]:
    yield NAME, _TITLE
    yield SUPPORTED, _SUPPORTED
    yield from ((section.name, section.title) for section in sections)
    for setting in _settings(sections):
        yield identifier(setting), setting.title
        yield explanation(setting), Words(_explained(setting, "ja"), _explained(setting, "en"))
        yield from ((word(setting, chosen), called) for chosen, called in setting.words.items())


def _explained(setting: Setting, language: str) -> str:
    """Paragraphs: what it is, what the states of a policy come to, and what it is called elsewhere."""
    meaning = plain(_in(language, setting.meaning))
    text = meaning[:1].upper() + meaning[1:] + ("。" if language == "ja" else ".")
    named = _in(language, _NAMED).format(key=setting.key, default=json.dumps(setting.default))
    notes = "\n".join(_in(language, note) for note in (*_notes(setting), _START))
    return f"{text}\n\n{notes}\n\n{named}"


def _notes(setting: Setting) -> Iterator[Words]:
    yield _SWITCH if isinstance(setting.default, bool) else _OTHERS
    if isinstance(setting.default, tuple):
        yield _LIST
    if isinstance(setting.default, str) and not setting.choice:
        yield _PATH
        if not setting.machine_only:
            yield _SHARED


def _presentation(table: Xml.Element, setting: Setting, language: str) -> None:
    name = identifier(setting)
    presentation = Xml.SubElement(table, "presentation", id=name)
    title = _in(language, setting.title)
    if setting.choice:
        usual = str(setting.choice.words.index(setting.default))
        Xml.SubElement(presentation, "dropdownList", refId=name, noSort="true", defaultItem=usual).text = title
    elif isinstance(setting.default, tuple):
        Xml.SubElement(presentation, "listBox", refId=name).text = title
    elif isinstance(setting.default, str):
        box = Xml.SubElement(presentation, "textBox", refId=name)
        Xml.SubElement(box, "label").text = title
    else:
        usual = str(int(setting.default))
        Xml.SubElement(presentation, "decimalTextBox", refId=name, defaultValue=usual).text = title


def _settings(sections: list[Section]) -> Iterator[Setting]:
    return (setting for section in sections for setting in section.settings)


def _in(language: str, words: Words) -> str:
    return words.ja if language == "ja" else words.en
