"""PDF documents around a PAdES signature (ETSI EN 319 142-1 §6, baseline B): room for the CMS before, the CMS after.

`prepare` appends one incremental update, which leaves every byte of the document, and so every earlier signature, as it
is. The card host makes the CMS, over what stands outside the room; `finish` puts it there.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pyhanko.version  # noqa: F401  # all of it is loaded by `prepare` alone; that it is missing is said here

from bridge.formats.order import Facts, Order, Refusal
from bridge.formats.visible import Visible

_JAPAN = timezone(timedelta(hours=9))


def prepare(order: Order) -> Facts:
    """`{"range": /ByteRange}` of the file that it writes. Asked with the facts of `Visible`, it draws that.

    Raises Refusal: document_malformed for what is no sound PDF (hybrid cross-references too), document_refused for one
    that is encrypted or that an earlier signature forbids to change, bad_request for a place that is not on a page.
    """
    from bridge.formats import pdf_update  # loads pyHanko, which `finish` has no use for

    options = pdf_update.Options(datetime.now(_JAPAN), Visible.of(order.facts))
    return {"range": list(pdf_update.update(order.document, order.prepared, options))}


def finish(order: Order) -> None:
    """The signed document: the prepared one with the CMS in its room. Raises Refusal where it does not fit."""
    _, start, end, _ = order.facts["range"]
    cms = order.signature
    if len(cms) > (end - start - 2) // 2:
        raise Refusal("too_large", f"a CMS of {len(cms)} bytes in a room of {(end - start - 2) // 2}")
    order.prepared.replace(order.result)
    with order.result.open("r+b") as target:
        target.seek(start + 1)
        target.write(cms.hex().encode())
