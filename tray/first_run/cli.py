"""`card-bridge setup`: the first run in the terminal, or its window, or without a person."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from bridge import settings
from bridge.doctor.check import Check
from bridge.doctor.parts import Order
from bridge.settings import SettingsError
from tray.first_run import course, terminal
from tray.first_run.course import STEPS, Action, State, Step
from tray.first_run.work import Work

READY, ATTENTION, UNUSABLE, STOPPED = 0, 1, 2, 3


def setup(argv: list[str]) -> int:
    """0: ready, 1: a step needs attention, 2: settings or a named file cannot be used, 3: stopped before the end."""
    arguments = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what the test signature started must not outlive it
    try:
        order = Order(settings.load(arguments.config), arguments.config, personal=False)
        if arguments.window:
            return _window(arguments)
        return _carried_out(arguments, order)
    except SettingsError as error:
        print(f"card-bridge: {error.text(settings.language())}", file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        print(f"card-bridge: {error.filename or ''}: {error.strerror or type(error).__name__}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return STOPPED


def _carried_out(arguments: argparse.Namespace, order: Order) -> int:
    work = Work(order, arguments.old)
    state = work.begin(anew=arguments.restart or arguments.yes or arguments.json)
    language = settings.language(order.loaded)
    if arguments.yes or arguments.json:
        return _unattended(work, state, language, act=arguments.yes, as_json=arguments.json)
    finished = terminal.walk(work, state, language, lambda text: print(text, flush=True), input)
    if not finished:
        return STOPPED
    return READY if course.is_ready(work.seen_all(state)) else ATTENTION


def _unattended(work: Work, state: State, language: str, *, act: bool, as_json: bool) -> int:
    """Everything is looked at. With `act` what needs no person is done: certificates, sites, library; no signature."""
    state = work.seen_all(state)
    done: list[Check] = []
    for step in STEPS if act else ():
        for action in course.actions(state._replace(step=step)):
            if action in (Action.REPAIR, Action.TAKE_SITES, Action.TAKE_LIBRARY):
                state = work.do(state._replace(step=step), action)
                done += state.told
    _show(state, done, language, as_json=as_json)
    return READY if course.is_ready(state) and all(each.ok for each in done) else ATTENTION


def _show(state: State, done: list[Check], language: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_wire(state, done), ensure_ascii=False, indent=1))
        return
    for line in [*done, *(line for lines in state.found.values() for line in lines)]:
        print(f"{'OK  ' if line.ok else 'NG  '}{line.said(language)}")


def _wire(state: State, done: list[Check]) -> dict[str, object]:
    seen = [step for step in STEPS if step is not Step.TRIAL]
    return {
        "ready": course.is_ready(state),
        "done": [each.wire() for each in done],
        "steps": [
            {
                "step": step.value,
                "state": course.mark(state, step).value,
                "checks": [line.wire() for line in state.found.get(step, ())],
            }
            for step in seen
        ],
        "oldHelper": state.legacy._asdict(),
    }


def _window(arguments: argparse.Namespace) -> int:
    from tray.first_run.opening import Window

    return Window(arguments.config, arguments.old).wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="card-bridge setup",
        description="The first run, step by step: certificates, browser, the authority's software and reader, card, "
        "a test signature. It may be stopped at any step, and continues there. No PIN is used but the one that "
        "you type yourself for the test signature.",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--window", action="store_true", help="in the window instead of the terminal")
    way.add_argument(
        "--yes",
        action="store_true",
        help="ask nothing: install certificates, take over what the earlier helper lists; makes no test signature",
    )
    parser.add_argument("--json", action="store_true", help="look only (with --yes: afterwards) and print JSON")
    parser.add_argument("--restart", action="store_true", help="begin at the first step again")
    parser.add_argument(
        "--old",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="settings file or folder of the earlier helper (電子入札補助アプリ), where it is in an unusual place",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="use this settings file instead of the usual ones")
    parser.epilog = (
        "Exit status: 0 ready, 1 a step needs attention, 2 settings or a named file cannot be used, "
        "3 stopped before the end."
    )
    return parser
