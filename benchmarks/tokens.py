"""A running bridge over a SoftHSM token with an RSA-2048 key."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.flow.bridge import ORIGIN, Bridge, prepare
from tests.virtual import pki, softhsm

PIN = "246810"


@contextlib.asynccontextmanager
async def on_softhsm(
    directory: Path, window: list[str] | None = None, origins: Sequence[str] = ()
) -> AsyncIterator[Bridge]:
    """`ORIGIN` may sign without a window; `window` is the PIN window's command, else one that types the PIN."""
    os.environ.update(_token(directory / "token"))
    bridge = prepare(directory)
    bridge.plan(f"pin {PIN}")
    await bridge.start(
        origins={"allowed": [ORIGIN, *origins], "silent": [ORIGIN]},
        card={"practice": False, "modules": [str(softhsm.LIBRARY)]},
        **({} if window is None else {"pin": {"window": window}}),
    )
    try:
        yield bridge
    finally:
        await bridge.stop()


def _token(directory: Path) -> dict[str, str]:
    directory.mkdir()
    now = datetime.now(UTC)
    return softhsm.make(directory, pki.card_key(pki.Authority.fresh(now), pki.rsa_key(), now), PIN)
