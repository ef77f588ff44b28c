"""`--practice`: the same settings for a portal that registers nobody, beside the one that does."""

from __future__ import annotations

from dataclasses import replace

from portal.mail.settings import Mailing
from portal.settings import Settings


def practising(settings: Settings) -> Settings:
    """The banner, a database of its own beside the real one, and mails that go into a folder beside it."""
    real = settings.database
    mails = Mailing(folder=real.with_name(f"{real.stem}-practice-mail"), sender=settings.mail.sender)
    return replace(
        settings,
        site=replace(settings.site, practice=True),
        database=real.with_name(f"{real.stem}-practice{real.suffix}"),
        mail=mails,
    )
