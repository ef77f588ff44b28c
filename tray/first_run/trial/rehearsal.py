"""One test signature from the first question to the site's answer, and what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import threading
from pathlib import Path
from typing import NamedTuple

import aiohttp

from bridge import settings
from bridge.doctor.check import Check
from bridge.settings import Settings
from certs.errors import CertificatesError
from tray.first_run.course import Trial
from tray.first_run.trial import page, stage
from tray.first_run.trial.site import Believed, Refusal
from tray.first_run.trial.stage import Stage

_ACTION = {"ja": "テスト署名", "en": "Test signature"}
_CHECKED_BY = {
    Trial.HELD: ("サイトが確かめた署名者", "Signer, as the site checked it"),
    Trial.CHECKED_HERE: ("署名者", "Signer"),
}


class Result(NamedTuple):
    trial: Trial
    lines: tuple[Check, ...]


class Rehearsal:
    """Can be called off by another thread; everything that was started has then ended when `run` returns."""

    def __init__(self, loaded: Settings, config: Path | None) -> None:
        self._loaded, self._config = loaded, config
        self._lock = threading.Lock()
        self._off = False
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[Believed]] | None = None

    def run(self, *, practice: bool) -> Result:
        """Blocks as long as the person reads and types. Spends no PIN try that the person does not."""
        language = settings.language(self._loaded)
        try:
            with self._stage(practice=practice) as standing:
                answer = asyncio.run(self._signed(standing, language))
        except Refusal as refusal:
            return _refused(refusal)
        except CertificatesError as error:
            return _failed(error.text("ja"), error.text("en"))
        except asyncio.CancelledError:
            return _failed("取りやめました。", "Called off.")
        except (aiohttp.ClientError, OSError, RuntimeError, subprocess.SubprocessError) as error:
            kind = type(error).__name__
            return _failed(
                f"テスト署名の準備ができませんでした（{kind}）。カードブリッジを起動し直して、もう一度お試しください。",
                f"The test signature could not be prepared ({kind}): start the card bridge again, and try again.",
            )
        return _held(answer)

    def call_off(self) -> None:
        with self._lock:
            self._off = True
            if self._running is not None:
                loop, task = self._running
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(task.cancel)

    def _stage(self, *, practice: bool) -> contextlib.AbstractContextManager[Stage]:
        return stage.practice_card(self._loaded) if practice else stage.own_card(self._loaded, self._config)

    async def _signed(self, standing: Stage, language: str) -> Believed:
        task = asyncio.ensure_future(page.sign(standing, language, _ACTION[language]))
        with self._lock:
            self._running = asyncio.get_running_loop(), task
            if self._off:
                task.cancel()
        return await task


def _held(answer: Believed) -> Result:
    ja, en = _CHECKED_BY[answer.trial]
    return Result(
        answer.trial,
        (
            Check(
                "signer",
                True,
                f"{ja}：{answer.subject}（有効期限 {answer.expiry}）",
                f"{en}: {answer.subject} (expires {answer.expiry})",
            ),
        ),
    )


def _refused(refusal: Refusal) -> Result:
    """The ladder's rung on the path comes when all before it held (docs/protocol.md, rung 16)."""
    if refusal.code == "certificate_untrusted":
        return Result(Trial.UNKNOWN_AUTHORITY, ())
    said = str(refusal) or refusal.code
    return _failed(said, said)


def _failed(ja: str, en: str) -> Result:
    return Result(Trial.FAILED, (Check("trial", False, ja, en),))
