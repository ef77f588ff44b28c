"""A screen of its own for a test: Xvfb with a window manager, driven by xdotool and pictured by ImageMagick.

with display() as env:
    subprocess.Popen([...], env=env)
    window = find_window(env, "PIN番号入力ダイアログ")
    type_text(env, "1234")
    screenshot(env, Path("pin.png"))
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

Environment = dict[str, str]
_TRIES = 5


class NoWindow(AssertionError):
    """The window did not come, or did not go."""


@contextlib.contextmanager
def display(size: str = "1280x1024") -> Iterator[Environment]:
    """Start Xvfb on a free display number and openbox on it; yields the environment for programs on that screen."""
    with _xvfb(size) as number:
        env = _environment(number)
        with _running(["openbox", "--sm-disable"], env):
            _wait_for_window_manager(env)
            yield env


@contextlib.contextmanager
def tray_host(env: Environment) -> Iterator[None]:
    """A notification area in the lower right corner, icons 32 pixels high."""
    place = ["--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "32"]
    command = ["trayer", "--SetDockType", "true", *place]
    for _ in range(_TRIES):
        with _running(command, env):
            if _comes(env, "panel"):
                yield
                return
    raise NoWindow("no notification area")


def find_window(env: Mapping[str, str], title: str, seconds: float = 10) -> str:
    """Id of the visible window whose title holds `title` (a regular expression). Raises NoWindow."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if windows := _windows(env, title):
            return windows[-1]
        time.sleep(0.05)
    raise NoWindow(f"no window {title!r} within {seconds} s")


def _comes(env: Mapping[str, str], title: str) -> bool:
    """One trayer in some dozens never shows its panel, however long one waits."""
    with contextlib.suppress(NoWindow):
        find_window(env, title)
        return True
    return False


def wait_gone(env: Mapping[str, str], title: str, seconds: float = 5) -> None:
    """Wait until no such window is visible. Raises NoWindow."""
    end = time.monotonic() + seconds
    while _windows(env, title):
        if time.monotonic() > end:
            raise NoWindow(f"window {title!r} is still there after {seconds} s")
        time.sleep(0.02)


def focus_window(env: Mapping[str, str], window: str) -> None:
    """Activate a window and wait until the window manager has done it."""
    for _ in range(_TRIES):
        try:
            _xdotool(env, "windowactivate", "--sync", window)
        except subprocess.CalledProcessError:  # right after another window has gone there is no active one to ask about
            time.sleep(0.2)
        else:
            return
    _xdotool(env, "windowactivate", "--sync", window)


def minimize_window(env: Mapping[str, str], window: str) -> None:
    """Off the screen, into a taskbar if there is one."""
    _xdotool(env, "windowminimize", "--sync", window)


def wait_focused(env: Mapping[str, str], window: str, seconds: float = 10) -> None:
    """Wait until the window manager calls this window the active one. Raises NoWindow."""
    end = time.monotonic() + seconds
    while _output(env, "xdotool", "getactivewindow").strip() != window:
        if time.monotonic() > end:
            raise NoWindow(f"window {window} did not get the focus within {seconds} s")
        time.sleep(0.05)


def type_text(env: Mapping[str, str], text: str, delay_ms: int = 20) -> None:
    """Type into the focused window as a keyboard would."""
    _xdotool(env, "type", "--delay", str(delay_ms), text)


def paste_text(env: Mapping[str, str], text: str) -> None:
    """Put text on the clipboard and press Ctrl+V: for characters that no key of the test keyboard carries.

    xdotool would remap a key for each of them, and a busy program reads the map too late.
    """
    command = ["xclip", "-selection", "clipboard"]  # goes on in the background until the screen ends
    subprocess.run(command, env=dict(env), input=text.encode(), check=True, timeout=20, stdout=subprocess.DEVNULL)
    press(env, "ctrl+v")


def press(env: Mapping[str, str], *keys: str) -> None:
    """Press keys by their X names: Return, Escape, Tab, shift+Tab, alt+h."""
    _xdotool(env, "key", "--delay", "20", *keys)


def click(env: Mapping[str, str], x: int, y: int, button: int = 1) -> None:
    """Click at a place of the screen, in pixels."""
    # Without --sync: it waits for a movement, and for ever where the pointer is there already.
    _xdotool(env, "mousemove", str(x), str(y), "sleep", "0.2", "click", str(button))


def screenshot(env: Mapping[str, str], path: Path, window: str = "root") -> None:
    """Picture of a window without its frame, or of the whole screen, as PNG."""
    subprocess.run(["import", "-window", window, f"png:{path}"], env=dict(env), check=True, timeout=20)


def pixel(env: Mapping[str, str], x: int, y: int) -> bytes:
    """The screen's colour at a place: red, green and blue, 8 bits each."""
    return _seen(env, "-crop", f"1x1+{x}+{y}")


def press_and_see(env: Mapping[str, str], key: str, seconds: float = 60) -> None:
    """Press a key on a screen that stands still, and wait until it looks different. Raises TimeoutError."""
    before, end = _seen(env), time.monotonic() + seconds
    press(env, key)
    while _seen(env) == before:
        if time.monotonic() > end:
            raise TimeoutError(f"{key} changed nothing within {seconds} s")
        time.sleep(0.05)


def _seen(env: Mapping[str, str], *options: str) -> bytes:
    command = ["import", "-window", "root", *options, "-depth", "8", "rgb:-"]
    return subprocess.run(command, env=dict(env), check=True, timeout=60, capture_output=True).stdout


def _windows(env: Mapping[str, str], title: str) -> list[str]:
    return _output(env, "xdotool", "search", "--onlyvisible", "--name", title).split()


def _output(env: Mapping[str, str], *command: str) -> str:
    """What a command prints; what it complains of (no window yet) is not of interest."""
    return subprocess.run(command, env=dict(env), capture_output=True, text=True, check=False, timeout=20).stdout


def _xdotool(env: Mapping[str, str], *arguments: str) -> None:
    subprocess.run(["xdotool", *arguments], env=dict(env), check=True, timeout=30, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def _xvfb(size: str) -> Iterator[str]:
    read, write = os.pipe()
    # -displayfd: the server itself picks a free number and says it when it is ready for clients.
    # -r: no auto-repeat, or a busy machine between key down and key up types a key twice.
    # -noreset: else the server begins anew when its last client goes, as a look for the window manager does.
    screen = ["-screen", "0", f"{size}x24", "-dpi", "96", "-r", "-noreset"]
    command = ["Xvfb", "-displayfd", str(write), *screen, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read, "r") as ready:
            number = ready.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        yield f":{number}"
    finally:
        _end(server)


def _environment(number: str) -> Environment:
    env = {key: value for key, value in os.environ.items() if key not in ("WAYLAND_DISPLAY", "XAUTHORITY")}
    return env | {"DISPLAY": number, "QT_QPA_PLATFORM": "xcb", "GDK_BACKEND": "x11", "LC_CTYPE": "C.UTF-8"}


@contextlib.contextmanager
def _running(command: list[str], env: Environment) -> Iterator[None]:
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for_window_manager(env: Environment) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if "window id" in _output(env, "xprop", "-root", "_NET_SUPPORTING_WM_CHECK"):
            return
        time.sleep(0.05)
    raise RuntimeError("the window manager did not start")
