"""CardBridge.admx: which settings policies may hold, and what they write into the registry. Pure.

Microsoft's "ADMX schema" (learn.microsoft.com, previous-versions/windows/desktop/policy/admx-schema; MS-GPREG §6 and
§7). It refers to no other template, so that it can be taken in alone, by Intune, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from xml.etree import ElementTree as Xml

from bridge.settings.registry import POLICY
from installer.policy.table import Section, Setting

NAME: Final = "CardBridge"
SCHEMA: Final = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
REVISION: Final = "1.0"
SUPPORTED: Final = "SUPPORTED_CardBridge_0_1"
_LONGEST_TEXT: Final = "1023"  # characters; what policy editors take where nothing is said
_BIGGEST: Final = 2**32 - 1  # REG_DWORD


def template(sections: list[Section]) -> Xml.Element:
    root = Xml.Element("policyDefinitions", xmlns=SCHEMA, revision=REVISION, schemaVersion="1.0")
    Xml.SubElement(_sub(root, "policyNamespaces"), "target", prefix="cardbridge", namespace="CardBridge.Policies")
    Xml.SubElement(root, "resources", minRequiredRevision=REVISION)
    definitions = _sub(_sub(root, "supportedOn"), "definitions")
    Xml.SubElement(definitions, "definition", name=SUPPORTED, displayName=_string(SUPPORTED))
    categories, policies = _sub(root, "categories"), _sub(root, "policies")
    Xml.SubElement(categories, "category", name=NAME, displayName=_string(NAME))
    for section in sections:
        category = Xml.SubElement(categories, "category", name=section.name, displayName=_string(section.name))
        Xml.SubElement(category, "parentCategory", ref=NAME)
        for setting in section.settings:
            _policy(policies, setting)
    return root


def identifier(setting: Setting) -> str:
    """Names in templates have neither dots nor hyphens."""
    return f"{setting.section}_{setting.name}"


def explanation(setting: Setting) -> str:
    """The id of its text."""
    return f"{identifier(setting)}_explained"


def word(setting: Setting, chosen: str) -> str:
    """The id of what one word of a choice is called."""
    return f"{identifier(setting)}_{chosen}"


def _policy(policies: Xml.Element, setting: Setting) -> None:
    name = identifier(setting)
    attributes = {
        "name": name, "class": "Machine", "displayName": _string(name), "explainText": _string(explanation(setting)),
        "key": rf"{POLICY}\{setting.section}",
    }  # fmt: skip
    boolean = isinstance(setting.default, bool)
    attributes |= {"valueName": setting.name} if boolean else {"presentation": f"$(presentation.{name})"}
    policy = Xml.SubElement(policies, "policy", attributes)
    Xml.SubElement(policy, "parentCategory", ref=setting.section)
    Xml.SubElement(policy, "supportedOn", ref=SUPPORTED)
    if boolean:
        Xml.SubElement(_sub(policy, "enabledValue"), "decimal", value="1")
        Xml.SubElement(_sub(policy, "disabledValue"), "decimal", value="0")
    else:
        _element(setting)(_sub(policy, "elements"), setting)


def _element(setting: Setting) -> Callable[[Xml.Element, Setting], None]:
    if setting.choice:
        return _enum
    return {int: _decimal, float: _decimal, str: _text, tuple: _list}[type(setting.default)]


def _decimal(elements: Xml.Element, setting: Setting) -> None:
    allowed = setting.range
    low = 0 if allowed is None or allowed.or_zero else allowed.low
    limits = {"minValue": str(low), "maxValue": str(allowed.high if allowed else _BIGGEST)}
    Xml.SubElement(elements, "decimal", {**_value(setting), **limits})


def _text(elements: Xml.Element, setting: Setting) -> None:
    Xml.SubElement(elements, "text", {**_value(setting), "maxLength": _LONGEST_TEXT})


def _enum(elements: Xml.Element, setting: Setting) -> None:
    enum = Xml.SubElement(elements, "enum", _value(setting))
    for each in setting.choice.words if setting.choice else ():
        item = Xml.SubElement(enum, "item", displayName=_string(word(setting, each)))
        _sub(_sub(item, "value"), "string").text = each


def _list(elements: Xml.Element, setting: Setting) -> None:
    """An empty prefix: the values are named 1, 2, 3, …; without one they would be named as what they hold."""
    key = rf"{POLICY}\{setting.section}\{setting.name}"
    Xml.SubElement(elements, "list", id=identifier(setting), key=key, valuePrefix="")


def _value(setting: Setting) -> dict[str, str]:
    return {"id": identifier(setting), "valueName": setting.name, "required": "true"}


def _string(name: str) -> str:
    return f"$(string.{name})"


def _sub(above: Xml.Element, name: str) -> Xml.Element:
    return Xml.SubElement(above, name)
