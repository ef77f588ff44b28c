"""Colours and sizes, derived from the desktop's palette so that light, dark and high contrast stay readable."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QWidget

from tray.pin_window.moods import Mood, Tone

_MOOD, _BOLD, _MUTED = "cardBridgeMood", "cardBridgeBold", "cardBridgeMuted"
"""Properties of labels: how they were painted, to be done again."""


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def prefers_contrast() -> bool:
    """Whether the person asked the desktop for high contrast: then the palette's colours alone, at their strongest."""
    return _hints().accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast


@cache
def _hints() -> QStyleHints:
    """One object for good: with it PySide lets go of what it gave out."""
    return QGuiApplication.styleHints()


def follow_contrast() -> None:
    """To be called with the application made: desktops answer only after windows stand."""
    _hints().accessibility().contrastPreferenceChanged.connect(_look_again)


def _look_again() -> None:
    for widget in QApplication.allWidgets():
        if isinstance(widget, QLabel) and isinstance(mood := widget.property(_MOOD), str):
            paint(widget, Mood[mood], bold=bool(widget.property(_BOLD)))
        elif isinstance(widget, QLabel) and widget.property(_MUTED):
            widget.setPalette(QPalette())
            muted(widget)
        widget.update()


def box(text: str, mood: Mood, *, bold: bool = False) -> QLabel:
    """A coloured box of wrapped plain text."""
    label = wrapped(text)
    paint(label, mood, bold=bold)
    return label


def paint(label: QLabel, mood: Mood, *, bold: bool = False) -> None:
    label.setProperty(_MOOD, mood.name)
    label.setProperty(_BOLD, bold)
    tone = _tone(QGuiApplication.palette(), mood)  # a label's own is its style sheet's from the second time on
    weight = "bold" if bold else "normal"
    label.setStyleSheet(
        f"color:{tone.text};background:{tone.ground};border:1px solid {tone.edge};border-radius:4px;"
        f"padding:6px 9px;font-weight:{weight}"
    )
    label.ensurePolished()  # so that its height is known before the window is placed


def _tone(palette: QPalette, mood: Mood) -> Tone:
    if prefers_contrast():
        text, ground = (
            palette.color(role).name() for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window)
        )
        return Tone(text, ground, text)
    light, dark = mood.value
    return Tone(*(dark if is_dark(palette) else light))


def wrapped(text: str = "") -> QLabel:
    """A label of plain text that wraps: what pages say is never read as markup."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def muted(label: QLabel) -> QLabel:
    """Secondary text: still 4.5:1 against the window. Like all other where contrast is asked for."""
    label.setProperty(_MUTED, True)
    if prefers_contrast():
        return label
    palette = label.palette()
    text, ground = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window)
    palette.setColor(QPalette.ColorRole.WindowText, mixed(text, ground, 0.28))
    label.setPalette(palette)
    return label


def mixed(colour: QColor, other: QColor, share: float) -> QColor:
    """The colour with a share (0 to 1) of the other."""
    red, green, blue = (
        round(mine * (1 - share) + theirs * share)
        for mine, theirs in (
            (colour.red(), other.red()),
            (colour.green(), other.green()),
            (colour.blue(), other.blue()),
        )
    )
    return QColor(red, green, blue)


def scaled(widget: QWidget, factor: float, *, bold: bool = False) -> None:
    font = QFont(widget.font())
    font.setPointSizeF(font.pointSizeF() * factor)
    font.setBold(bold)
    widget.setFont(font)


def fixed_font(like: QFont) -> QFont:
    """The desktop's fixed-width font in the size of another."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(like.pointSizeF())
    return font


def rule_line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setEnabled(False)
    palette = line.palette()
    text, ground = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window)
    palette.setColor(QPalette.ColorRole.WindowText, mixed(text, ground, 0.8))
    line.setPalette(palette)
    return line
