"""The composition of sender and way out from the settings, for `portal serve` and `portal send-mail`."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from portal.mail.door import Door
from portal.mail.folder import Folder
from portal.mail.sender import Sender
from portal.mail.smtp import Smtp
from portal.settings import Settings
from portal.signatures.signing import utc_now
from portal.store import Store

_log = logging.getLogger("portal.mail")


def make_sender(settings: Settings, store: Store) -> Sender | None:
    """None where neither mail server nor folder is set. Raises OSError: password or CA file cannot be used."""
    door = _door(settings)
    return None if door is None else Sender(settings.mail, store, door, utc_now)


@contextlib.asynccontextmanager
async def sending(settings: Settings, store: Store) -> AsyncIterator[None]:
    """Mails leave while entered; where no way out is set, the log says so once. Raises OSError as make_sender."""
    sender = make_sender(settings, store)
    if sender is None:
        _log.warning("mails stay in the outbox: neither mail.host nor mail.folder is set")
        yield
        return
    async with sender.running():
        yield


def _door(settings: Settings) -> Door | None:
    mail = settings.mail
    if mail.folder is not None:
        return Folder(mail.folder)
    return Smtp(mail, _own_name(settings.site.origin)) if mail.host else None


def _own_name(origin: str) -> str:
    return (urlsplit(origin).hostname or "localhost").encode("idna").decode("ascii")
