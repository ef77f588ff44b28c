"""What a person finds on a page: headings, labels, buttons, links and words, in the order of the page.

Only `<main>` is read, and nothing that is hidden, for screen readers alone, or for browsers without scripts.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.procedure import tree
from tests.procedure.tree import Element

_UNSEEN: Final = frozenset({"unseen", "noscript"})
_HEADINGS: Final = frozenset({"h1", "h2"})
_LABELS: Final = frozenset({"dt", "th", "label"})
_PRESSED: Final = frozenset({"button", "go"})  # classes of links that look like something to press


class Part(NamedTuple):
    """A heading and the labels below it; where labels come first, the heading is empty."""

    heading: str
    labels: tuple[str, ...]


class Reading(NamedTuple):
    """One page. `hints` and `names` go by the place of a label among all labels: what stands beside, the field."""

    parts: tuple[Part, ...]
    buttons: tuple[str, ...]
    links: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]
    """Each field's name and the words beside it."""
    text: str


def read(html: str) -> Reading:
    """The page with this HTML."""
    (main,) = (each for each in tree.parse(html).walk() if each.tag == "main")
    main.prune(_UNSEEN)
    elements = list(main.walk())
    hints = {each.attributes["id"]: each.text for each in elements if "id" in each.attributes}
    return Reading(
        parts=tuple(_parts(elements)),
        buttons=tuple(each.text for each in elements if _pressed(each)),
        links=tuple(each.text for each in elements if each.tag == "a" and not _pressed(each)),
        fields=tuple(
            (name, hints.get(f"{name}-hint", ""))
            for each in elements
            if each.tag == "label" and (name := each.attributes["for"])
        ),
        text=main.text,
    )


def _pressed(element: Element) -> bool:
    return element.tag == "button" or (element.tag == "a" and not _PRESSED.isdisjoint(element.classes))


def _parts(elements: list[Element]) -> list[Part]:
    parts = [Part("", ())]
    for each in elements:
        if each.tag in _HEADINGS:
            parts.append(Part(each.text, ()))
        elif each.tag in _LABELS:
            parts[-1] = parts[-1]._replace(labels=(*parts[-1].labels, each.text))
    return parts if parts[0].labels else parts[1:]
