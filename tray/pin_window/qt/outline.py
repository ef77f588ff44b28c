"""Edges of fields, buttons, lists, circles and squares that stay visible where a desktop is dark or wants contrast.

Qt's Fusion style takes the ground's own colour, darker: on a dark ground 1.2:1, where WCAG 2.2 §1.4.11 asks for 3:1.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QStyleOptionComplex, QWidget

from tray.pin_window.qt.look import is_dark, mixed, prefers_contrast

_ELEMENT = QStyle.PrimitiveElement
_EDGED = (
    _ELEMENT.PE_FrameLineEdit,
    _ELEMENT.PE_PanelButtonCommand,
    _ELEMENT.PE_IndicatorRadioButton,
    _ELEMENT.PE_IndicatorCheckBox,
)
_SHARE = 0.4
"""Of the ground in an edge's colour: 5:1 beside the ground of GNOME's and KDE's dark desktops."""


class Outlined(QProxyStyle):
    """Another style, with an edge of ours on dark grounds, and where the person asked for high contrast."""

    def drawPrimitive(  # noqa: N802 - Qt's name
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        super().drawPrimitive(element, option, painter, widget)
        if element in _EDGED:
            _edged(option, painter, round_=element is _ELEMENT.PE_IndicatorRadioButton)

    def drawComplexControl(  # noqa: N802 - Qt's name
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        super().drawComplexControl(control, option, painter, widget)
        if control is QStyle.ComplexControl.CC_ComboBox:
            _edged(option, painter)


def _edged(option: QStyleOption, painter: QPainter, *, round_: bool = False) -> None:
    if is_dark(option.palette) or prefers_contrast():
        has_keyboard = bool(option.state & QStyle.StateFlag.State_HasFocus)
        _edge(painter, QRectF(option.rect), _pen(option.palette, strong=has_keyboard), round_=round_)


def _edge(painter: QPainter, place: QRectF, pen: QPen, *, round_: bool) -> None:
    half = pen.widthF() / 2
    inside = place.adjusted(half, half, -half, -half)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.setBrush(QColor(0, 0, 0, 0))
    if round_:
        painter.drawEllipse(inside)
    else:
        painter.drawRoundedRect(inside, 2, 2)
    painter.restore()


def _pen(palette: QPalette, *, strong: bool) -> QPen:
    """Strong where the keyboard is: the text's own colour."""
    text, ground = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window)
    return QPen(text, 2) if strong else QPen(text if prefers_contrast() else mixed(text, ground, _SHARE), 1)
