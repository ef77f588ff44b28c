"""The calls of Windows that the window makes, with their types; from system libraries by their full path alone."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
from ctypes import wintypes
from typing import Any

_FROM_SYSTEM32 = 0x800
"""LOAD_LIBRARY_SEARCH_SYSTEM32."""

LRESULT = ctypes.c_ssize_t
WNDPROC = ctypes.WINFUNCTYPE(LRESULT, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)
FONTENUMPROC = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, wintypes.DWORD, wintypes.LPARAM)


class LogFont(ctypes.Structure):
    _fields_ = (
        ("height", wintypes.LONG),
        ("width", wintypes.LONG),
        ("escapement", wintypes.LONG),
        ("orientation", wintypes.LONG),
        ("weight", wintypes.LONG),
        ("flags", wintypes.BYTE * 3),
        ("charset", wintypes.BYTE),
        ("precisions", wintypes.BYTE * 4),
        ("face", wintypes.WCHAR * 32),
    )


class TextMetric(ctypes.Structure):
    _fields_ = (
        ("height", wintypes.LONG),
        ("ascent", wintypes.LONG),
        ("descent", wintypes.LONG),
        ("internal_leading", wintypes.LONG),
        ("external_leading", wintypes.LONG),
        ("rest", wintypes.LONG * 6),
        ("characters", wintypes.WCHAR * 4),
        ("bytes", wintypes.BYTE * 5),
    )


class MonitorInfo(ctypes.Structure):
    _fields_ = (
        ("size", wintypes.DWORD),
        ("whole", wintypes.RECT),
        ("work", wintypes.RECT),
        ("flags", wintypes.DWORD),
    )


class FlashInfo(ctypes.Structure):
    _fields_ = (
        ("size", wintypes.UINT),
        ("window", wintypes.HWND),
        ("flags", wintypes.DWORD),
        ("count", wintypes.UINT),
        ("timeout", wintypes.DWORD),
    )


class HighContrast(ctypes.Structure):
    _fields_ = (("size", wintypes.UINT), ("flags", wintypes.DWORD), ("scheme", wintypes.LPWSTR))


def _library(name: str) -> ctypes.WinDLL:
    return ctypes.WinDLL(name, winmode=_FROM_SYSTEM32)


_user32, _gdi32, _kernel32, _imm32 = map(_library, ("user32", "gdi32", "kernel32", "imm32"))
_Handle, _Pointer, _Int, _Uint, _Text = (
    wintypes.HANDLE,
    ctypes.c_void_p,
    ctypes.c_int,
    wintypes.UINT,
    wintypes.LPCWSTR,
)


def _typed(library: ctypes.WinDLL, name: str, result: Any, *arguments: Any) -> Any:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
    return function


def _user(name: str, result: Any, *arguments: Any) -> Any:
    return _typed(_user32, name, result, *arguments)


def _gdi(name: str, result: Any, *arguments: Any) -> Any:
    return _typed(_gdi32, name, result, *arguments)


_MESSAGE = (_Handle, _Uint, wintypes.WPARAM, wintypes.LPARAM)

create_dialog = _user("CreateDialogIndirectParamW", _Handle, _Handle, _Pointer, _Handle, WNDPROC, wintypes.LPARAM)
create_window = _user(
    "CreateWindowExW",
    _Handle,
    *(wintypes.DWORD, _Text, _Text, wintypes.DWORD, _Int, _Int, _Int, _Int),
    *(_Handle, _Handle, _Handle, _Pointer),
)
send_message = _user("SendMessageW", LRESULT, *_MESSAGE)
post_message = _user("PostMessageW", wintypes.BOOL, *_MESSAGE)
call_window_procedure = _user("CallWindowProcW", LRESULT, _Pointer, *_MESSAGE)
set_window_pointer = _user("SetWindowLongPtrW", _Pointer, _Handle, _Int, _Pointer)
get_message = _user("GetMessageW", _Int, ctypes.POINTER(wintypes.MSG), _Handle, _Uint, _Uint)
translate_message = _user("TranslateMessage", wintypes.BOOL, ctypes.POINTER(wintypes.MSG))
dispatch_message = _user("DispatchMessageW", LRESULT, ctypes.POINTER(wintypes.MSG))
is_dialog_message = _user("IsDialogMessageW", wintypes.BOOL, _Handle, ctypes.POINTER(wintypes.MSG))
set_text = _user("SetWindowTextW", wintypes.BOOL, _Handle, _Text)
text_length = _user("GetWindowTextLengthW", _Int, _Handle)
get_text = _user("GetWindowTextW", _Int, _Handle, wintypes.LPWSTR, _Int)
set_place = _user("SetWindowPos", wintypes.BOOL, _Handle, _Handle, _Int, _Int, _Int, _Int, _Uint)
show_window = _user("ShowWindow", wintypes.BOOL, _Handle, _Int)
enable_window = _user("EnableWindow", wintypes.BOOL, _Handle, wintypes.BOOL)
is_visible = _user("IsWindowVisible", wintypes.BOOL, _Handle)
set_focus = _user("SetFocus", _Handle, _Handle)
get_focus = _user("GetFocus", _Handle)
set_timer = _user("SetTimer", ctypes.c_size_t, _Handle, ctypes.c_size_t, _Uint, _Pointer)
set_foreground = _user("SetForegroundWindow", wintypes.BOOL, _Handle)
find_window = _user("FindWindowW", _Handle, wintypes.LPCWSTR, wintypes.LPCWSTR)
foreground = _user("GetForegroundWindow", _Handle)
flash_window = _user("FlashWindowEx", wintypes.BOOL, ctypes.POINTER(FlashInfo))
notify_event = _user("NotifyWinEvent", None, wintypes.DWORD, _Handle, wintypes.LONG, wintypes.LONG)
redraw = _user("RedrawWindow", wintypes.BOOL, _Handle, _Pointer, _Handle, _Uint)
invalidate = _user("InvalidateRect", wintypes.BOOL, _Handle, _Pointer, wintypes.BOOL)
key_state = _user("GetKeyState", ctypes.c_short, _Int)
cursor_place = _user("GetCursorPos", wintypes.BOOL, ctypes.POINTER(wintypes.POINT))
monitor_at = _user("MonitorFromPoint", _Handle, wintypes.POINT, wintypes.DWORD)
monitor_info = _user("GetMonitorInfoW", wintypes.BOOL, _Handle, ctypes.POINTER(MonitorInfo))
window_dpi = _user("GetDpiForWindow", _Uint, _Handle)
outer_rect = _user(
    "AdjustWindowRectExForDpi",
    *(wintypes.BOOL, ctypes.POINTER(wintypes.RECT), wintypes.DWORD, wintypes.BOOL, wintypes.DWORD, _Uint),
)
set_dpi_awareness = _user("SetProcessDpiAwarenessContext", wintypes.BOOL, _Pointer)
system_parameter = _user("SystemParametersInfoW", wintypes.BOOL, _Uint, _Uint, _Pointer, _Uint)
system_colour = _user("GetSysColor", wintypes.DWORD, _Int)
system_brush = _user("GetSysColorBrush", _Handle, _Int)
fill = _user("FillRect", _Int, _Handle, ctypes.POINTER(wintypes.RECT), _Handle)
client_rect = _user("GetClientRect", wintypes.BOOL, _Handle, ctypes.POINTER(wintypes.RECT))
get_context = _user("GetDC", _Handle, _Handle)
release_context = _user("ReleaseDC", _Int, _Handle, _Handle)
open_clipboard = _user("OpenClipboard", wintypes.BOOL, _Handle)
clipboard_data = _user("GetClipboardData", _Handle, _Uint)
close_clipboard = _user("CloseClipboard", wintypes.BOOL)

create_font = _gdi("CreateFontIndirectW", _Handle, ctypes.POINTER(LogFont))
create_brush = _gdi("CreateSolidBrush", _Handle, wintypes.DWORD)
select_object = _gdi("SelectObject", _Handle, _Handle, _Handle)
delete_object = _gdi("DeleteObject", wintypes.BOOL, _Handle)
text_extent = _gdi("GetTextExtentPoint32W", wintypes.BOOL, _Handle, _Text, _Int, ctypes.POINTER(wintypes.SIZE))
text_metrics = _gdi("GetTextMetricsW", wintypes.BOOL, _Handle, ctypes.POINTER(TextMetric))
font_families = _gdi(
    "EnumFontFamiliesExW", _Int, _Handle, ctypes.POINTER(LogFont), FONTENUMPROC, wintypes.LPARAM, wintypes.DWORD
)
set_text_colour = _gdi("SetTextColor", wintypes.DWORD, _Handle, wintypes.DWORD)
set_ground_colour = _gdi("SetBkColor", wintypes.DWORD, _Handle, wintypes.DWORD)

module_handle = _typed(_kernel32, "GetModuleHandleW", _Handle, _Text)
global_lock = _typed(_kernel32, "GlobalLock", _Pointer, _Handle)
global_unlock = _typed(_kernel32, "GlobalUnlock", wintypes.BOOL, _Handle)
set_input_method = _typed(_imm32, "ImmAssociateContext", _Handle, _Handle, _Handle)
