"""What a button sets off: each action turns one state into the next. Blocks; the windows call it on a thread."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bridge import settings
from bridge.consent.grants import Grants
from bridge.doctor.check import Check
from bridge.doctor.parts import Order
from bridge.gate.origins import NotKept
from bridge.settings import SettingsError
from tray.first_run import course, libraries, look, memory
from tray.first_run.course import STEPS, Action, State, Step
from tray.first_run.memory import Memory
from tray.repair import repair

if TYPE_CHECKING:
    from tray.first_run.trial.rehearsal import Rehearsal


WORKING: Final = "first run"
"""Name of the windows' threads that call it."""


class Work:
    """The course on this computer, for one person."""

    def __init__(self, order: Order, named: Sequence[Path] = ()) -> None:
        """`named`: files and folders of the earlier helper's, beside the usual ones."""
        self._order, self._named = order, tuple(named)
        self._kept = memory.file(order.loaded)
        self._rehearsal: Rehearsal | None = None

    def begin(self, *, anew: bool = False) -> State:
        """Where the person stopped, which is looked at once `seen` is called. Raises ProfileError, OSError."""
        kept = Memory() if anew else memory.recall(self._kept)
        return look.begin(self._order, Step.TRUST if kept.finished else kept.step, kept.authority, self._named)

    def seen(self, state: State) -> State:
        """The step is looked at, and the place remembered."""
        self.remember(state)
        needed = (Step.CARD, Step.TRIAL) if state.step is Step.TRIAL else (state.step,)
        for step in needed:
            state = state.with_lines(step, look.at(self._order, step)) if step is not Step.TRIAL else state
        return state

    def seen_all(self, state: State) -> State:
        for step in STEPS[:-1]:
            state = state.with_lines(step, look.at(self._order, step))
        return state

    def choose(self, state: State, authority: str) -> State:
        """Whose card it is."""
        changed = state._replace(authority=authority)
        self.remember(changed)
        return changed

    def do(self, state: State, action: Action) -> State:
        """Everything but LATER and FINISH, which only end. Raises OSError of files that the person named."""
        match action:
            case Action.NEXT | Action.BACK:
                return self.seen(course.moved(state, action))
            case Action.LOOK:
                return self.seen(self._looked_back(state._replace(told=())))
            case Action.REPAIR:
                lines = state.found.get(Step.TRUST, ())
                return self.seen(state._replace(told=tuple(repair(self._order.loaded, lines))))
            case Action.TAKE_SITES:
                return self.seen(self._looked_back(state._replace(told=(self._sites(state.legacy.sites),))))
            case Action.TAKE_LIBRARY:
                told = libraries.take(state.legacy.libraries, self._order.loaded, self._order.config)
                return self.seen(state._replace(told=(told,)))
            case Action.SIGN | Action.PRACTISE:
                return self._rehearsed(state, practice=action is Action.PRACTISE)
            case Action.VISIT:
                webbrowser.open(f"{state.means.address}/developers/")
                return state
        self.remember(state, finished=action is Action.FINISH)
        return state

    def attempt(self, state: State, action: Action) -> State:
        """As `do`, with what cannot be done told on the page."""
        try:
            return self.do(state, action)
        except (OSError, SettingsError) as error:
            reason = f"{type(error).__name__}: {error}"
            return state._replace(told=(Check("failed", False, f"できませんでした：{reason}", f"Not done: {reason}"),))

    def call_off(self) -> None:
        """End a test signature that another thread waits for."""
        if self._rehearsal is not None:
            self._rehearsal.call_off()

    def remember(self, state: State, *, finished: bool = False) -> None:
        memory.keep(self._kept, Memory(shown=True, finished=finished, step=state.step, authority=state.authority))

    def _looked_back(self, state: State) -> State:
        return state._replace(legacy=look.legacy(self._order.loaded, self._named))

    def _rehearsed(self, state: State, *, practice: bool) -> State:
        from tray.first_run.trial.rehearsal import Rehearsal  # HTTP and cryptography: only for who signs

        self._rehearsal = Rehearsal(self._order.loaded, self._order.config)
        result = self._rehearsal.run(practice=practice)
        return state._replace(trial=result.trial, practised=practice, told=result.lines)

    def _sites(self, sites: Sequence[str]) -> Check:
        grants = Grants(settings.grants_file(self._order.loaded), lambda: datetime.now(UTC))
        try:
            for site in sites:
                grants.allow(site, once=False)
        except NotKept as error:
            ja, en = f"許可を保存できませんでした：{error}", f"The sites could not be kept: {error}"
            return Check("sites", False, ja, en)
        return Check(
            "sites",
            True,
            f"{len(sites)}件のサイトを許可しました。アイコンのメニューの「許可サイト」で、いつでも取り消せます。",
            f"Sites allowed: {len(sites)}. Take any of them back under “Allowed sites” in the icon's menu.",
        )
