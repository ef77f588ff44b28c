"""XML documents: the digest of the canonical form, and the signature put into the document. In the worker alone.

libxml2 is held short: no DTD, no entities, no network, 256 levels, 10 MB of one text (its own limits, never lifted).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from lxml import etree

from bridge.formats.order import Facts, Order, malformed, refused

_DS = "{http://www.w3.org/2000/09/xmldsig#}"


def prepare(order: Order) -> Facts:
    """`digest`: of the document in exclusive canonical form without comments (hexadecimal).

    Raises Refusal for what is not well-formed, has a DTD or is signed already.
    """
    tree = _read(order.document)
    if next(tree.iter(f"{_DS}Signature"), None) is not None:
        raise refused("a signature is there already, and this one would break it")
    return {"digest": _digest(tree, order.hash)}


def finish(order: Order) -> None:
    """The document with the signature as the last element of its root, in the document's own encoding.

    Raises Refusal, also when what was written does not read back as what was signed.
    """
    name = etree.fromstring(order.signature, _parser()).get("Id", "")
    _write(order)
    _check(order, name)


def _write(order: Order) -> None:
    """A function of its own: its tree is gone before the result is read, and there is never more than one."""
    tree = _read(order.document)
    tree.getroot().append(etree.fromstring(order.signature, _parser()))
    known = tree.docinfo
    tree.write(str(order.result), encoding=known.encoding or "UTF-8", xml_declaration=True, standalone=known.standalone)


class _Nothing(etree.Resolver):  # type: ignore[misc] # lxml ships no types
    """A document that names another file, to be read with it, is not read at all."""

    def resolve(self, *_: object) -> None:
        raise refused("a document type definition is not taken")


def _parser() -> etree.XMLParser:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, collect_ids=False
    )
    parser.resolvers.add(_Nothing())
    return parser


def _read(path: Path) -> etree._ElementTree:
    with path.open("rb") as file:  # by its name, libxml2 would ask the resolver for the document, too
        try:
            tree = etree.parse(file, _parser())
        except (etree.XMLSyntaxError, LookupError, OSError) as error:  # OSError: bytes that its encoding has not
            raise malformed("no well-formed XML") from error
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise refused("a document type definition is not taken")
    return tree


def _digest(tree: etree._ElementTree, used: str) -> str:
    """Piece by piece: the canonical form is as long as the document."""
    digest = hashlib.new(used.replace("-", "").lower())
    tree.write_c14n(_Sink(digest.update), exclusive=True, with_comments=False)
    return digest.hexdigest()


class _Sink:
    def __init__(self, write: object) -> None:
        self.write = write


def _check(order: Order, name: str) -> None:
    """Enveloped-signature transform (XML-DSig §6.6.4) and canonical forms, on what is really in the file."""
    tree = _read(order.result)
    found = [each for each in tree.iter(f"{_DS}Signature") if each.get("Id") == name]
    if len(found) != 1 or not name:
        raise refused("the signature is not where it belongs")
    signature = found[0]
    if any(_canonical(each) not in order.signature for each in _signed_parts(signature)):
        raise refused("the signature changed in the document")
    parent = signature.getparent()
    if parent is None or parent is not tree.getroot() or parent[-1] is not signature or signature.tail:
        raise refused("the signature is not where it belongs")
    parent.remove(signature)
    if _digest(tree, order.hash) != order.facts.get("digest"):
        raise refused("the document changed as it was written")


def _signed_parts(signature: etree._Element) -> list[etree._Element]:
    properties = "{http://uri.etsi.org/01903/v1.3.2#}SignedProperties"
    parts = [signature.find(f"{_DS}SignedInfo"), next(signature.iter(properties), None)]
    found = [part for part in parts if part is not None]
    if len(found) != len(parts):
        raise refused("the signature is not the card host's")
    return found


def _canonical(element: etree._Element) -> bytes:
    octets: bytes = etree.tostring(element, method="c14n", exclusive=True, with_comments=False, with_tail=False)
    return octets
