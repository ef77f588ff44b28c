"""What a visible signature shows on its page: 電子署名, the holder's name where it was known before, and the moment.

No font is embedded: ASCII stands in Helvetica, which every viewer has (ISO 32000-1 §9.6.2.2), the rest in a Japanese
font by name with a predefined CMap (§9.7.5.2), for which viewers take the system's own. A subset would need a font
file to take it from, and a font library to cut it.
"""

from __future__ import annotations

import itertools
import math
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from bridge.formats.order import Refusal
from bridge.formats.visible import Visible

_LABEL = "電子署名"
_LEADING = 1.35
_PADDING = 4.0
_LARGEST = 12.0
_BORDER, _INK = "0.35 0.40 0.45", "0.10 0.12 0.15"
_LATIN, _NARROW = 556, 500
# Widths of Helvetica (Adobe's AFM), in thousandths of the size, for the characters from space to tilde.
_HELVETICA = (
    *(278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278),
    *(556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556),
    *(1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778),
    *(667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556),
    *(333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556),
    *(556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584),
)


def page_box(writer: IncrementalPdfFileWriter, visible: Visible) -> tuple[float, float, float, float]:
    """The box in the page's own coordinates. Raises Refusal where there is no such page or place on it."""
    if visible.page > int(writer.root["/Pages"]["/Count"]):
        raise Refusal("bad_request", f"the document has no page {visible.page}")
    page = writer.find_page_for_modification(visible.page - 1)[0].get_object()
    left, bottom, right, top = _shown(page)
    width, height = right - left, top - bottom
    turned = _turned(page)
    if turned % 180:
        width, height = height, width
    x1, y1, x2, y2 = visible.box
    if x2 > width or y2 > height:
        raise Refusal("bad_request", "a visible signature would not stand on its page")
    match turned:
        case 90:
            return left + height - y2, bottom + x1, left + height - y1, bottom + x2
        case 180:
            return left + width - x2, bottom + height - y2, left + width - x1, bottom + height - y1
        case 270:
            return left + y1, bottom + width - x2, left + y2, bottom + width - x1
    return left + x1, bottom + y1, left + x2, bottom + y2


def draw(
    writer: IncrementalPdfFileWriter, widget: generic.DictionaryObject, visible: Visible, moment: datetime
) -> None:
    """Give the signature's widget its look (ISO 32000-2 §12.5.5)."""
    x1, y1, x2, y2 = visible.box
    turned = _turned(widget["/P"].get_object())
    look = _form(writer, x2 - x1, y2 - y1, _lines(visible, moment), turned)
    widget[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})


def _lines(visible: Visible, moment: datetime) -> list[str]:
    offset = moment.strftime("%z")
    when = f"{moment:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:]}"
    return [_LABEL, *([visible.name] if visible.name else []), when]


def _shown(page: generic.DictionaryObject) -> tuple[float, float, float, float]:
    box = [float(number) for number in _inherited(page, "/CropBox", _inherited(page, "/MediaBox", ()))]
    return min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])


def _turned(page: generic.DictionaryObject) -> int:
    """Degrees clockwise, 0, 90, 180 or 270."""
    return int(_inherited(page, "/Rotate", 0)) % 360


def _inherited(page: generic.DictionaryObject, key: str, otherwise: Any) -> Any:
    for _ in range(64):  # deeper than any page tree, and an end to one that is a circle
        if key in page:
            return page[key]
        if "/Parent" not in page:
            break
        page = page["/Parent"].get_object()
    return otherwise


def _form(
    writer: IncrementalPdfFileWriter, width: float, height: float, lines: list[str], turned: int
) -> generic.StreamObject:
    number = generic.FloatObject
    sine, cosine = round(math.sin(math.radians(turned))), round(math.cos(math.radians(turned)))
    entries = {
        "/Type": pdf_name("/XObject"),
        "/Subtype": pdf_name("/Form"),
        "/BBox": generic.ArrayObject(map(number, (0, 0, width, height))),
        # Upright on a page that is shown turned clockwise.
        "/Matrix": generic.ArrayObject(map(number, (cosine, sine, -sine, cosine, 0, 0))),
        "/Resources": generic.DictionaryObject({pdf_name("/Font"): _fonts(writer)}),
    }
    content = _content(width, height, lines).encode("ascii")
    return generic.StreamObject({pdf_name(key): value for key, value in entries.items()}, stream_data=content)


def _content(width: float, height: float, lines: list[str]) -> str:
    size = _size(width, height, lines)
    parts = [f"q {_BORDER} RG 0.75 w 0.5 0.5 {width - 1:g} {height - 1:g} re S {_INK} rg BT {size * _LEADING:g} TL"]
    top = height / 2 + size * _LEADING * len(lines) / 2 - size
    parts.append(f"{_PADDING:g} {top:g} Td")
    for line in lines:
        parts += [*(_shown_run(wide, run, size) for wide, run in _runs(line)), "T*"]
    return " ".join([*parts, "ET Q"])


def _size(width: float, height: float, lines: list[str]) -> float:
    """Points: as large as the box allows, and no larger than text is."""
    longest = max(sum(map(_width, line)) for line in lines) / 1000
    return min(_LARGEST, (width - 2 * _PADDING) / longest, (height - _PADDING) / (len(lines) * _LEADING))


def _width(character: str) -> int:
    if _is_ascii(character):
        return _HELVETICA[ord(character) - 0x20]
    return _NARROW if "｡" <= character <= "ﾟ" else _LATIN if character < "\u0250" else 1000


def _is_ascii(character: str) -> bool:
    return " " <= character <= "~"


def _runs(line: str) -> list[tuple[bool, str]]:
    return [(not plain, "".join(run)) for plain, run in itertools.groupby(line, _is_ascii)]


def _shown_run(wide: bool, run: str, size: float) -> str:
    octets = run.encode("utf-16-be", "replace") if wide else run.encode("ascii")
    return f"/{'J' if wide else 'L'} {size:g} Tf <{octets.hex()}> Tj"


def _fonts(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    latin = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    return generic.DictionaryObject(
        {pdf_name("/L"): writer.add_object(_names(latin)), pdf_name("/J"): writer.add_object(_japanese(writer))}
    )


def _japanese(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    name = "/KozGoPr6N-Medium"
    system = generic.DictionaryObject(
        {
            pdf_name("/Registry"): generic.TextStringObject("Adobe"),
            pdf_name("/Ordering"): generic.TextStringObject("Japan1"),
            pdf_name("/Supplement"): generic.NumberObject(6),
        }
    )
    descriptor = _names({"/Type": "/FontDescriptor", "/FontName": name})
    numbers = {"/Flags": 4, "/ItalicAngle": 0, "/Ascent": 880, "/Descent": -120, "/CapHeight": 763, "/StemV": 92}
    descriptor.update({pdf_name(key): generic.NumberObject(value) for key, value in numbers.items()})
    descriptor[pdf_name("/FontBBox")] = generic.ArrayObject(map(generic.NumberObject, (-538, -374, 1254, 1418)))
    glyphs = _names({"/Type": "/Font", "/Subtype": "/CIDFontType0", "/BaseFont": name})
    glyphs[pdf_name("/CIDSystemInfo")] = system
    # Adobe-Japan1: proportional Latin from 1, half-width from 231; all else is as wide as it is high.
    widths = (1, 230, _LATIN, 231, 632, _NARROW)
    glyphs[pdf_name("/W")] = generic.ArrayObject(map(generic.NumberObject, widths))
    glyphs[pdf_name("/FontDescriptor")] = writer.add_object(descriptor)
    font = _names(
        {"/Type": "/Font", "/Subtype": "/Type0", "/BaseFont": name + "-UniJIS-UTF16-H", "/Encoding": "/UniJIS-UTF16-H"}
    )
    font[pdf_name("/DescendantFonts")] = generic.ArrayObject([writer.add_object(glyphs)])
    return font


def _names(entries: dict[str, str]) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(key): pdf_name(value) for key, value in entries.items()})
