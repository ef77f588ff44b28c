"""What Windows' policy editor does: states and values of a template's policies become values of the registry.

Written after Microsoft's description of the schema, not after our generator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from xml.etree import ElementTree as Xml

S = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"
REG_SZ, REG_DWORD = 1, 4


class Entry(NamedTuple):
    """`key`: below HKEY_LOCAL_MACHINE. `kind`: of winnt.h. `data`: a number, or a text; texts for REG_MULTI_SZ."""

    key: str
    name: str
    kind: int
    data: Any


class Refused(Exception):
    """The editor does not take this value."""


class Editor:
    """A template whose policies are set to "enabled" or "disabled"."""

    def __init__(self, template: Xml.Element) -> None:
        self._policies = {each.attrib["name"]: each for each in template.iter(f"{S}policy")}

    def names(self) -> list[str]:
        return list(self._policies)

    def disabled(self, name: str) -> list[Entry]:
        """Of a policy with elements nothing stays."""
        return self._state(self._policies[name], "disabledValue")

    def enabled(self, name: str, given: Mapping[str, Any]) -> list[Entry]:
        """`given`: what was typed or chosen, by the element's id. Raises Refused."""
        policy = self._policies[name]
        elements = policy.find(f"{S}elements")
        written = self._state(policy, "enabledValue")
        for element in elements if elements is not None else ():
            written += _element(policy.attrib["key"], element, given[element.attrib["id"]])
        return written

    def _state(self, policy: Xml.Element, state: str) -> list[Entry]:
        value = policy.find(f"{S}{state}")
        if value is None:
            return []
        kind, data = _value(value)
        return [Entry(policy.attrib["key"], policy.attrib["valueName"], kind, data)]


def _element(key: str, element: Xml.Element, given: Any) -> Iterator[Entry]:
    key = element.get("key", key)
    match element.tag.removeprefix(S):
        case "decimal":
            if not int(element.attrib["minValue"]) <= given <= int(element.attrib["maxValue"]):
                raise Refused(given)
            yield Entry(key, element.attrib["valueName"], REG_DWORD, given)
        case "text":
            if not 0 < len(given) <= int(element.attrib["maxLength"]):
                raise Refused(given)
            yield Entry(key, element.attrib["valueName"], REG_SZ, given)
        case "enum":
            chosen = [_value(item.find(f"{S}value")) for item in element.findall(f"{S}item")][given]
            yield Entry(key, element.attrib["valueName"], *chosen)
        case "list":
            prefix = element.get("valuePrefix")
            for n, each in enumerate(given, 1):
                yield Entry(key, each if prefix is None else f"{prefix}{n}", REG_SZ, each)


def _value(holder: Xml.Element | None) -> tuple[int, Any]:
    assert holder is not None
    (value,) = holder
    if value.tag == f"{S}decimal":
        return REG_DWORD, int(value.attrib["value"])
    assert value.tag == f"{S}string"
    return REG_SZ, value.text
