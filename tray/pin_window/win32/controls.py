"""The window's controls: made from a plan, found again by their key, moved when the resolution changes."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes

from tray.pin_window.fields import MAX_LENGTH, Written
from tray.pin_window.win32 import api
from tray.pin_window.win32.fonts import Fonts
from tray.pin_window.win32.layout import BUTTONS, Item, Key, Plan, Rect

_CHILD, _VISIBLE, _TABSTOP, _BORDER, _VSCROLL = 0x40000000, 0x10000000, 0x10000, 0x800000, 0x200000
_SS_LINES, _SS_NOPREFIX = 0x0C, 0x80
"""SS_LEFTNOWORDWRAP: the lines end where the plan says."""
_ES_PASSWORD, _ES_AUTOHSCROLL, _ES_LIST = 0x20, 0x80, 0x0804
"""`_ES_LIST`: ES_MULTILINE and ES_READONLY."""
_BS_DEFAULT, _BS_BOX, _BM_GETCHECK, _BM_SETCHECK = 1, 0x2403, 0xF0, 0xF1
"""`_BS_BOX`: BS_AUTOCHECKBOX, BS_MULTILINE, BS_TOP."""
FIRST_CHOICE = 200
"""Number of the first certificate's box; the others follow."""
_WM_SETFONT, _EM_SETLIMITTEXT, _EM_SETMARGINS = 0x30, 0xC5, 0xD3
_MARGINS = 3
_EVENT_SYSTEM_ALERT, _OBJID_CLIENT = 0x02, -4
_NO_ZORDER_NO_ACTIVATE, _SW_HIDE, _SW_SHOW = 0x14, 0, 5
_HIDDEN_AT_FIRST = frozenset((Key.HALF_WIDTH, Key.UPPER_CASE, Key.CAPS_LOCK, Key.EXTEND))
_STATIC, _EDIT, _BUTTON = "STATIC", "EDIT", "BUTTON"
_KINDS: dict[Key, tuple[str, int]] = {
    Key.LABEL: (_STATIC, _SS_LINES | _SS_NOPREFIX),
    Key.HINT: (_STATIC, _SS_LINES | _SS_NOPREFIX),
    Key.REMAINING: (_STATIC, _SS_LINES | _SS_NOPREFIX),
    Key.CAPS_LOCK: (_STATIC, _SS_LINES | _SS_NOPREFIX),
    Key.PIN: (_EDIT, _BORDER | _TABSTOP | _ES_AUTOHSCROLL | _ES_PASSWORD),
    Key.LIST: (_EDIT, _BORDER | _TABSTOP | _ES_LIST),
    Key.OK: (_BUTTON, _TABSTOP | _BS_DEFAULT),
    Key.CHOICE: (_BUTTON, _TABSTOP | _BS_BOX),
    Key.KEEP: (_BUTTON, _TABSTOP | _BS_BOX),
}
_FIELD, _PLAIN_BUTTON = (_EDIT, _BORDER | _TABSTOP | _ES_AUTOHSCROLL), (_BUTTON, _TABSTOP)
IDS = {Key.OK: 1, Key.CANCEL: 2, Key.HALF_WIDTH: 101, Key.UPPER_CASE: 102, Key.EXTEND: 103, Key.LIST: 104} | {
    Key.PIN: 110,
    Key.WORD: 111,
    Key.INSISTENCE: 112,
    Key.PERSON: 113,
    Key.HINT: 120,
    Key.REMAINING: 121,
    Key.CAPS_LOCK: 122,
    Key.KEEP: 130,
}
"""1 and 2 are IDOK and IDCANCEL: Enter and Escape mean them. Automation finds the others by these numbers."""


class Controls:
    def __init__(self, window: int, plan: Plan, fonts: Fonts) -> None:
        self._window = window
        self._shown = dict.fromkeys(Key, True) | dict.fromkeys(_HIDDEN_AT_FIRST, False)
        self._texts: dict[Key, str] = {}
        self._handles: list[int] = []
        self._choices: list[int] = []
        self.items: dict[int, Item] = {}
        """What stands behind a handle."""
        self.by_key: dict[Key, int] = {}
        for item in plan.items:
            self._make(item, _VSCROLL if item.key is Key.LIST and plan.list_scrolls else 0)
        self.arrange(plan, fonts)

    def arrange(self, plan: Plan, fonts: Fonts) -> None:
        """Faces, texts and places, as planned for this resolution."""
        self.items = dict(zip(self._handles, plan.items, strict=True))
        for handle, item in self.items.items():
            api.send_message(handle, _WM_SETFONT, fonts.handle(item.face), 0)
            if _KINDS.get(item.key, _FIELD)[0] == _STATIC or item.key in (Key.LIST, Key.CHOICE, Key.KEEP):
                api.set_text(handle, self._texts.get(item.key, item.text))
            if item.key is Key.LIST:
                margin = fonts.scaled(4)
                api.send_message(handle, _EM_SETMARGINS, _MARGINS, margin << 16 | margin)
            _place(handle, item.place)

    def text(self, key: Key) -> str:
        handle = self.by_key.get(key)
        if handle is None:
            return ""
        letters = ctypes.create_unicode_buffer(api.text_length(handle) + 1)
        api.get_text(handle, letters, len(letters))
        return letters.value

    @property
    def written(self) -> Written:
        texts = self.text(Key.PERSON), self.text(Key.WORD), self.text(Key.INSISTENCE)
        chosen = next((number for number, box in enumerate(self._choices) if _checked(box)), None)
        return Written(*texts, chosen, Key.KEEP in self.by_key and _checked(self.by_key[Key.KEEP]))

    def choose(self, number: int) -> None:
        """One box was checked or unchecked: no other stays checked."""
        for other, box in enumerate(self._choices):
            if other != number:
                api.send_message(box, _BM_SETCHECK, 0, 0)

    def say(self, key: Key, text: str) -> bool:
        """Change a text; False if it said that already."""
        if self._texts.get(key, "") == text or key not in self.by_key:
            return False
        self._texts[key] = text
        api.set_text(self.by_key[key], text)
        return True

    def show(self, key: Key, *, shown: bool) -> None:
        if key in self.by_key and self._shown[key] != shown:
            self._shown[key] = shown
            api.show_window(self.by_key[key], _SW_SHOW if shown else _SW_HIDE)

    def is_shown(self, key: Key) -> bool:
        return key in self.by_key and self._shown[key]

    def enable(self, key: Key, *, enabled: bool) -> None:
        if key in self.by_key:
            api.enable_window(self.by_key[key], enabled)

    def place(self, key: Key) -> Rect | None:
        handle = self.by_key.get(key)
        return None if handle is None else self.items[handle].place

    def alert(self, key: Key) -> None:
        """Have screen readers say a text that has changed."""
        if key in self.by_key:
            api.notify_event(_EVENT_SYSTEM_ALERT, self.by_key[key], _OBJID_CLIENT, 0)

    def announce_end(self, text: str) -> None:
        """The last minute: how long it still is, and the button for more."""
        self.say(Key.REMAINING, text)
        if not self.is_shown(Key.EXTEND):
            self.show(Key.EXTEND, shown=True)
            self.alert(Key.REMAINING)

    def put_off_end(self, text: str) -> None:
        """More time: what is said of it now."""
        self.say(Key.REMAINING, text)
        self.show(Key.EXTEND, shown=False)

    def _make(self, item: Item, more: int) -> None:
        kind, style = _KINDS.get(item.key, _PLAIN_BUTTON if item.key in BUTTONS else _FIELD)
        if item.spoken:
            # Screen readers call a field by the label before it, whether or not that is to be seen.
            self._create(_STATIC, item.spoken, _CHILD, 0)
        visible = _VISIBLE if self._shown[item.key] and not (item.key is Key.LIST and not item.text) else 0
        text = item.text if kind != _EDIT else ""
        number = FIRST_CHOICE + item.number if item.key is Key.CHOICE else IDS.get(item.key, 0)
        handle = self._create(kind, text, _CHILD | visible | style | more, number)
        api.enable_window(handle, item.enabled)
        if item.key is Key.CHOICE:
            self._choices.append(handle)
        if item.key is Key.KEEP:
            api.send_message(handle, _BM_SETCHECK, 1, 0)
        if kind == _EDIT:
            api.send_message(handle, _EM_SETLIMITTEXT, 0 if item.key is Key.LIST else MAX_LENGTH, 0)
        self._handles.append(handle)
        if item.key is not Key.LABEL and item.enabled:
            self.by_key.setdefault(item.key, handle)

    def _create(self, kind: str, text: str, style: int, number: int) -> int:
        module = api.module_handle(None)
        return int(api.create_window(0, kind, text, style, 0, 0, 0, 0, self._window, number, module, None))


_KEYS = {number: key for key, number in IDS.items()}


def key_of(number: int) -> Key:
    """The part that a command comes from."""
    return Key.CHOICE if number >= FIRST_CHOICE else _KEYS.get(number, Key.LABEL)


def _checked(box: int) -> bool:
    return int(api.send_message(box, _BM_GETCHECK, 0, 0)) == 1


def _place(handle: int, place: Rect) -> None:
    api.set_place(handle, None, *place, _NO_ZORDER_NO_ACTIVATE)
