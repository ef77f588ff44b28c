"""What the window shows to be read: who asks and for what, and the list of what is signed (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tray.pin_window import choice_texts
from tray.pin_window.legible import byte_count, grouped, legible
from tray.pin_window.question import Certificate, Document, Kind, Line, Question
from tray.pin_window.texts import Texts


class Fact(NamedTuple):
    name: str
    value: str
    caution: bool = False
    """Something to act on."""


class Row(NamedTuple):
    """One row of the list; `value` is None for a heading."""

    depth: int
    label: str
    value: str | None
    digits: bool = False
    """Shown in letters of one width."""


def header(question: Question, texts: Texts) -> list[Fact]:
    """Below the origin: action, and the certificate's holder or, where it shows only after the PIN, the card."""
    found = []
    if question.action:
        found.append(Fact(texts.action, texts.action_quoted.format(legible(question.action))))
    if question.certificate is not None:
        found.append(Fact(texts.holder, _holder(question.certificate, texts)))
        found += _expiry(question, question.certificate, texts)
    elif question.card is not None:
        found.append(Fact(texts.card, legible(question.card.label)))
    return found


def title(question: Question, texts: Texts) -> str:
    """The window's title."""
    match question.kind:
        case Kind.PIN:
            return texts.title_pin
        case Kind.CONFIRM:
            return texts.title_confirm
    return choice_texts.load(question.language).title


def _expiry(question: Question, certificate: Certificate, texts: Texts) -> Iterator[Fact]:
    """From 60 days before it on."""
    choosing = choice_texts.load(question.language)
    warning = choice_texts.expiry_warning(certificate.expiry, certificate.days, choosing)
    if warning is not None:
        yield Fact(texts.expiry, warning, caution=True)


def _holder(certificate: Certificate, texts: Texts) -> str:
    names = [legible(name) for name in (certificate.holder, certificate.organization) if name]
    if len(names) == 2:
        return texts.holder_of.format(holder=names[0], organization=names[1])
    return names[0] if names else texts.holder_absent


def rows(question: Question, texts: Texts) -> list[Row]:
    """A statement's lines or the documents, then certificate and card; every text made legible."""
    return [
        row._replace(label=legible(row.label), value=None if row.value is None else legible(row.value))
        for part in (_content(question, texts), _certificate(question, texts), _card(question, texts))
        for row in part
    ]


def _content(question: Question, texts: Texts) -> Iterator[Row]:
    content = question.content
    if content and isinstance(content[0], Document):
        yield Row(0, _counted([row for row in content if isinstance(row, Document)], question.language, texts), None)
    elif content:
        yield Row(0, texts.content, None)
    for number, row in enumerate(content, 1):
        match row:
            case Document():
                yield from _document(number, row, question.language, texts)
            case Line(depth, label, value):
                yield Row(depth, label, value)


def _counted(documents: list[Document], language: str, texts: Texts) -> str:
    """How many, and how long all of them are: of hundreds nobody adds that up."""
    if len(documents) == 1 or any(document.size is None for document in documents):
        return texts.documents.format(len(documents))
    return texts.documents_size.format(len(documents), byte_count(sum(each.size or 0 for each in documents), language))


def _document(number: int, document: Document, language: str, texts: Texts) -> Iterator[Row]:
    yield Row(0, f"{number}. {document.name}", None)
    if document.size is None:
        yield Row(1, texts.note, texts.unseen)
    else:
        yield Row(1, texts.size, byte_count(document.size, language))
    yield Row(1, document.hash, grouped(document.digest, 8), digits=True)
    if document.raw:
        yield Row(1, texts.note, texts.raw)


def _certificate(question: Question, texts: Texts) -> Iterator[Row]:
    if (certificate := question.certificate) is not None:
        yield Row(0, texts.certificate, None)
        yield Row(1, texts.issuer, certificate.issuer)
        yield Row(1, texts.serial, certificate.serial)
        yield Row(1, texts.expiry, certificate.expiry)


def _card(question: Question, texts: Texts) -> Iterator[Row]:
    if (card := question.card) is not None:
        yield Row(0, texts.card, None)
        yield Row(1, texts.card, card.label)
        yield Row(1, texts.reader, card.reader)
