"""The dialogs, in dialog units: welcome or what to do with an installed program, progress, and how it ended.

Nothing can be chosen but what is done: what administrators set are properties, and no dialog sets a browser's policy.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from installer.wix import sql
from installer.wix.names import WINDOW_PROGRAM, file_id
from installer.wix.ui.texts import said

ICON: Final = "DialogIcon"
"""The stream in the table Binary."""
_WIDTH, _HEIGHT, _MARGIN = 340, 190, 20
_SMALL: Final = (230, 80)
_VISIBLE, _MODAL, _MINIMIZE = 1, 2, 4
_ENABLED: Final = 2
_SHOWN: Final = _VISIBLE | _ENABLED
_TRANSPARENT, _NO_PREFIX = 0x10000, 0x20000
_FIXED_48: Final = 0x100000 | 0x600000  # an icon of 48 pixels
_SMOOTH: Final = 0x10000  # Progress95: one bar
_START_NOW: Final = "STARTNOW"
_IS_GONE: Final = 'REMOVE="ALL"'
_IS_THERE: Final = f"NOT {_IS_GONE}"

Event = tuple[str, str, str]
"""Event, argument, condition."""


class Button(NamedTuple):
    name: str
    """Also the key of its text."""
    events: tuple[Event, ...]


class Line(NamedTuple):
    """A paragraph: the key of its text, and when it is shown (empty: always)."""

    key: str
    condition: str = ""


class Dialog(NamedTuple):
    name: str
    heading: str
    lines: tuple[Line, ...]
    buttons: tuple[Button, ...]
    """From right to left: the last is what Escape means, the first what Enter does."""
    number: int = 0
    """Its place in the sequence; negative: how the installation ended. 0: another dialog opens it."""
    condition: str = ""


_CANCEL: Final = Button("cancel", (("SpawnDialog", "Sure", "1"),))
_CLOSE: Final = Button("close", (("EndDialog", "Exit", "1"),))
_START: Final = ("DoAction", "StartNow", f"{_START_NOW}=1 AND {_IS_THERE}")
_DONE: Final = ("EndDialog", "Return", "1")
_PROGRESS: Final = Dialog("Progress", "wait", (Line("working"),), (_CANCEL,), 1280)
_SURE: Final = Dialog(
    "Sure", "", (Line("sure"),),
    (Button("no", (_DONE,)), Button("yes", (("EndDialog", "Exit", "1"),))),
)  # fmt: skip
_ENDED: Final = Dialog(
    "Ended", "done", (Line("browsers", _IS_THERE), Line("icon", _IS_THERE), Line("removed", _IS_GONE)),
    (Button("finish", (_START, _DONE)),), -1,
)  # fmt: skip
DIALOGS: Final = (
    Dialog(
        "Welcome", "welcome", (Line("what"), Line("certificate", 'CERTS="MACHINE"'), Line("running")),
        (_CANCEL, Button("install", (_DONE,))), 1230, "NOT Installed",
    ),
    Dialog(
        "Maintenance", "installed", (Line("choose"),),
        (
            _CANCEL,
            Button("remove", (("[REMOVE]", "ALL", "1"), _DONE)),
            # a: all files. The usual o would leave a damaged one, as none of ours but programs has a version.
            Button("repair", (("[REINSTALLMODE]", "amus", "1"), ("[REINSTALL]", "ALL", "1"), _DONE)),
        ),
        # Before CostInitialize at 800, which reads these properties.
        750, "Installed AND NOT RESUME AND NOT Preselected",
    ),
    _PROGRESS, _SURE, _ENDED,
    Dialog("Stopped", "stopped", (Line("unchanged"),), (_CLOSE,), -2),
    Dialog("Failed", "failed", (Line("as_before"),), (_CLOSE,), -3),
)  # fmt: skip


def queries() -> list[str]:
    found = [
        sql.insert("TextStyle", TextStyle="Body", FaceName="Segoe UI", Size=9, StyleBits=0),
        sql.insert("TextStyle", TextStyle="Heading", FaceName="Segoe UI", Size=13, StyleBits=0),
        sql.insert("Property", Property="DefaultUIFont", Value="Body"),
        sql.insert("CheckBox", Property=_START_NOW, Value="1"),
        sql.insert("Property", Property=_START_NOW, Value="1"),
        # As the person who looks at the dialog, and not waited for: 18 + 64 + 128.
        sql.insert(
            "CustomAction", Action="StartNow", Type=210, Source=file_id(WINDOW_PROGRAM), Target="run --unless-running"
        ),
    ]
    for dialog in DIALOGS:
        found += _dialog(dialog)
    return found


def _dialog(dialog: Dialog) -> list[str]:
    width, height = _SMALL if dialog is _SURE else (_WIDTH, _HEIGHT)
    modeless = dialog is _PROGRESS
    order = [*(["start"] if dialog is _ENDED else []), *(button.name for button in reversed(dialog.buttons))]
    found = [
        sql.insert(
            "Dialog", Dialog=dialog.name, HCentering=50, VCentering=50, Width=width, Height=height,
            Attributes=_VISIBLE | _MINIMIZE | (0 if modeless else _MODAL), Title=said("title"), Control_First=order[0],
            Control_Default=dialog.buttons[-1].name, Control_Cancel=dialog.buttons[0].name,
        )
    ]  # fmt: skip
    after = dict(zip(order, [*order[1:], order[0]], strict=True))
    for place, button in enumerate(dialog.buttons):
        found += _button(dialog.name, button, width - _MARGIN - 85 * (place + 1) + 5, height - 30, after[button.name])
    found += _heading(dialog) if dialog.heading else []
    found += _lines(dialog, width)
    found += _bar(width) if modeless else []
    found += _check_box(width, after["start"]) if dialog is _ENDED else []
    return found + (_in_sequence(dialog) if dialog.number else [])


def _in_sequence(dialog: Dialog) -> list[str]:
    row = {"Condition": dialog.condition} if dialog.condition else {}
    return [sql.insert("InstallUISequence", Action=dialog.name, Sequence=dialog.number, **row)]


def _button(dialog: str, button: Button, x: int, y: int, after: str) -> list[str]:
    made = sql.insert(
        "Control", Dialog_=dialog, Control=button.name, Type="PushButton", X=x, Y=y, Width=80, Height=18,
        Attributes=_SHOWN, Text=said(button.name), Control_Next=after,
    )  # fmt: skip
    return [
        made,
        *(
            sql.insert(
                "ControlEvent", Dialog_=dialog, Control_=button.name, Event=event, Argument=argument,
                Condition=condition, Ordering=number,
            )
            for number, (event, argument, condition) in enumerate(button.events, 1)
        ),
    ]  # fmt: skip


def _heading(dialog: Dialog) -> list[str]:
    icon = sql.insert(
        "Control", Dialog_=dialog.name, Control="picture", Type="Icon", X=_MARGIN, Y=14, Width=36, Height=36,
        Attributes=_VISIBLE | _FIXED_48, Text=ICON,
    )  # fmt: skip
    return [
        icon,
        _text(dialog.name, "heading", "{\\Heading}" + said(dialog.heading), 68, 20, _WIDTH - 68 - _MARGIN, 24),
    ]


def _lines(dialog: Dialog, width: int) -> list[str]:
    """One below the other; two of which only one is shown at a time do not occur in the middle."""
    left = 68 if dialog.heading else _MARGIN
    found, y = [], 54 if dialog.heading else 16
    for line in dialog.lines:
        alone = line.condition == _IS_GONE
        found.append(
            _text(dialog.name, line.key, said(line.key), left, 54 if alone else y, width - left - _MARGIN, 30,
                  hidden=bool(line.condition))
        )  # fmt: skip
        if line.condition:
            found.append(_show(dialog.name, line.key, line.condition))
        y += 32
    return found


def _text(dialog: str, name: str, words: str, x: int, y: int, width: int, height: int, *, hidden: bool = False) -> str:
    return sql.insert(
        "Control", Dialog_=dialog, Control=name, Type="Text", X=x, Y=y, Width=width, Height=height,
        Attributes=_TRANSPARENT | _NO_PREFIX | _ENABLED | (0 if hidden else _VISIBLE), Text=words,
    )  # fmt: skip


def _show(dialog: str, control: str, condition: str) -> str:
    return sql.insert("ControlCondition", Dialog_=dialog, Control_=control, Action="Show", Condition=condition)


def _bar(width: int) -> list[str]:
    return [
        sql.insert(
            "Control", Dialog_=_PROGRESS.name, Control="bar", Type="ProgressBar", X=68, Y=90,
            Width=width - 68 - _MARGIN, Height=10, Attributes=_VISIBLE | _SMOOTH, Text="",
        ),
        sql.insert(
            "EventMapping", Dialog_=_PROGRESS.name, Control_="bar", Event="SetProgress", Attribute="Progress"
        ),
    ]  # fmt: skip


def _check_box(width: int, after: str) -> list[str]:
    return [
        sql.insert(
            "Control", Dialog_=_ENDED.name, Control="start", Type="CheckBox", X=68, Y=122,
            Width=width - 68 - _MARGIN, Height=18, Attributes=_ENABLED, Property=_START_NOW, Text=said("start"),
            Control_Next=after,
        ),
        _show(_ENDED.name, "start", _IS_THERE),
    ]  # fmt: skip
