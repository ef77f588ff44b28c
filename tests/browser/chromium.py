"""Chromium as a person has it: no certificate flag, Local Network Access on, trust from the NSS database of its home.

Free of pytest, so that end-to-end checks outside the test run can use it too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Playwright

from certs.trust.certutil import Database

FLAGS: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--password-store=basic",
)


def executable() -> str | None:
    """The installed browser: Playwright's own download is never used."""
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )


def trust(home: Path, *roots: bytes) -> None:
    """Puts roots (DER) into the database that a Chromium with this home reads when it starts."""
    database = Database(home / ".pki" / "nssdb")
    if not database.exists:
        database.create()
    for number, root in enumerate(roots, 1):  # others' roots too, of which the bridge's own store knows nothing
        database.add(f"test root {number}", "C,,", root)


async def launch(
    playwright: Playwright,
    home: Path,
    *,
    public: Mapping[str, int] | None = None,
    headless: bool = True,
    environment: Mapping[str, str] | None = None,
    more: Sequence[str] = (),
    program: str | None = None,
) -> Browser:
    """A browser with a home of its own.

    `public` maps "host:port" of made-up public sites to the loopback ports that serve them; the browser then counts
    these as sites of the public internet, which must ask before they reach this computer.
    """
    public = public or {}
    rules = ",".join(f"MAP {site} 127.0.0.1:{port}" for site, port in public.items())
    spaces = ",".join(f"127.0.0.1:{port}=public" for port in public.values())
    mapped = [f"--host-resolver-rules={rules}", f"--ip-address-space-overrides={spaces}"] if public else []
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return await playwright.chromium.launch(
        executable_path=program or executable(),
        headless=headless,
        chromium_sandbox=not as_root,  # Chromium's sandbox refuses to run for root
        args=[*FLAGS, *mapped, *more],
        env={"PATH": os.environ["PATH"], "LANG": "ja_JP.UTF-8", **(environment or {}), "HOME": str(home)},
    )
