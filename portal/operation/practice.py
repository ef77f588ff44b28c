"""`--practice`: the same settings for a portal that registers nobody, beside the one that does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from portal import storage
from portal.mail.settings import Mailing
from portal.settings import Settings

_SENDER = "practice@portal.invalid"
"""Where the settings name none: nobody has such an address (RFC 2606 §2), and these mails reach nobody."""


def practising(settings: Settings) -> Settings:
    """The banner, a database of its own beside the real one, and mails that go into a folder beside settings or it."""
    place, folder = _beside(settings.database)
    mails = Mailing(folder=folder, sender=settings.mail.sender or _SENDER)
    return replace(settings, site=replace(settings.site, practice=True), database=place, mail=mails)


def _beside(real: Path | str) -> tuple[Path | str, Path]:
    """The database for practice, and the folder of its mails; beside PostgreSQL it is where the portal was started."""
    if isinstance(real, str):
        return storage.practice_of(real), Path("portal-practice-mail")
    return real.with_name(f"{real.stem}-practice{real.suffix}"), real.with_name(f"{real.stem}-practice-mail")
