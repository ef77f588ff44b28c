"""The field for the PIN: it looks and edits like any password field, but holds only dots. The PIN is in a TypedPin."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QLineEdit

from tray.pin_window.typed import TypedPin

_DOT = "•"
_NAVIGATION = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_HINTS = (
    Qt.InputMethodHint.ImhHiddenText
    | Qt.InputMethodHint.ImhSensitiveData
    | Qt.InputMethodHint.ImhNoPredictiveText
    | Qt.InputMethodHint.ImhNoAutoUppercase
    | Qt.InputMethodHint.ImhLatinOnly
)


class PinField(QLineEdit):
    """Pasting is possible (some people can only paste); copying, cutting, dragging and undoing are not."""

    def __init__(self, pin: TypedPin) -> None:
        super().__init__()
        self._pin = pin
        self.caps_lock_seen: bool | None = None
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(_HINTS)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.textChanged.connect(self._refuse_foreign_text)

    def clear_pin(self) -> None:
        """Overwrite what was typed."""
        self._pin.wipe()
        self.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Everything that edits is done here on the PIN and the dots alike; nothing else reaches QLineEdit."""
        self._look_at_caps_lock(event)
        key, command = event.key(), event.modifiers() & _COMMANDS
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.matches(QKeySequence.StandardKey.SelectAll) or (key in _NAVIGATION and not command):
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._delete(-1 if key == Qt.Key.Key_Backspace else 1)
        elif event.text() and event.text().isprintable() and not command:
            self._insert(event.text())
        else:
            event.ignore()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:  # noqa: N802 - Qt's name
        """Some desktops compose although the field asks for no input method: take the result as if typed."""
        self._insert(event.commitString())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """The middle button would paste the selection, dots and all."""
        if event.button() == Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)

    def _paste(self) -> None:
        self._insert(QGuiApplication.clipboard().text().strip())

    def _insert(self, text: str) -> None:
        if self.isReadOnly():
            return
        self._delete_selection()
        for character in text:
            if self._pin.insert(self.cursorPosition(), ord(character)):
                self.insert(_DOT)

    def _delete(self, direction: int) -> None:
        if self.isReadOnly() or self._delete_selection():
            return
        start = self.cursorPosition() + min(direction, 0)
        if 0 <= start < len(self._pin):
            self._pin.delete(start, start + 1)
            self.setCursorPosition(start)
            self.del_()

    def _delete_selection(self) -> bool:
        start, length = self.selectionStart(), self.selectionLength()
        if start < 0:
            return False
        self._pin.delete(start, start + length)
        self.del_()
        return True

    def _refuse_foreign_text(self, text: str) -> None:
        """Text that came by another way than the keys (accessibility, automation) would not match the PIN."""
        if text.strip(_DOT) or abs(len(text) - len(self._pin)) > 1:
            self.clear_pin()

    def _look_at_caps_lock(self, event: QKeyEvent) -> None:
        """A letter's case against Shift tells Caps Lock where the system cannot be asked."""
        if event.type() == QEvent.Type.KeyPress and event.text().isascii() and event.text().isalpha():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps_lock_seen = event.text().isupper() != shift
