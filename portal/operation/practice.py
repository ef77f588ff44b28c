"""`--practice`: the same settings for a portal that registers nobody, beside the one that does."""

from __future__ import annotations

from dataclasses import replace

from portal.mail.settings import Mailing
from portal.settings import Settings

_SENDER = "practice@portal.invalid"
"""Where the settings name none: nobody has such an address (RFC 2606 §2), and these mails reach nobody."""


def practising(settings: Settings) -> Settings:
    """The banner, a database of its own beside the real one, and mails that go into a folder beside it."""
    real = settings.database
    mails = Mailing(folder=real.with_name(f"{real.stem}-practice-mail"), sender=settings.mail.sender or _SENDER)
    return replace(
        settings,
        site=replace(settings.site, practice=True),
        database=real.with_name(f"{real.stem}-practice{real.suffix}"),
        mail=mails,
    )
