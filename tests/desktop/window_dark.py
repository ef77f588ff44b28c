"""Run without a screen: how far the edges of what is filled in stand out from a dark ground, as JSON, a ratio each."""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from tray.pin_window.qt.outline import Outlined

GROUND, BASE, TEXT = "#333333", "#2d2d2d", "#ffffff"
"""GNOME's dark desktop."""


def main() -> None:
    application = QApplication(sys.argv[:1])
    application.setStyle(Outlined("fusion"))
    application.setPalette(_dark())
    window = QWidget()
    column = QVBoxLayout(window)
    parts = {
        "field": QLineEdit(),
        "list": QComboBox(),
        "button": QPushButton("OK"),
        "circle": QRadioButton("a"),
        "square": QCheckBox("b"),
    }
    other = QLineEdit()
    column.addWidget(other)
    for part in parts.values():
        column.addWidget(part)
    window.show()
    window.activateWindow()
    seen = {}
    for name, part in parts.items():
        for state, focused in (("", other), (" with the keyboard", part)):
            focused.setFocus()
            application.processEvents()
            seen[name + state] = _edge(window.grab().toImage(), part)
    print(json.dumps(seen))


def _dark() -> QPalette:
    palette = QPalette(QColor(GROUND), QColor(GROUND))
    for role, colour in (("WindowText", TEXT), ("Text", TEXT), ("ButtonText", TEXT), ("Base", BASE)):
        palette.setColor(getattr(QPalette.ColorRole, role), QColor(colour))
    palette.setColor(QPalette.ColorRole.Highlight, QColor("#15539e"))
    return palette


def _edge(picture: QImage, part: QWidget) -> float:
    """The best contrast with the ground within the first pixels from the left, halfway down."""
    start = part.mapTo(part.window(), QPoint(0, part.height() // 2))
    ground = _luminance(QColor(GROUND))
    seen = (_luminance(picture.pixelColor(start.x() + x, start.y())) for x in range(4))
    return max((light + 0.05) / (ground + 0.05) for light in seen)


def _luminance(colour: QColor) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [colour.redF(), colour.greenF(), colour.blueF()]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


if __name__ == "__main__":
    main()
