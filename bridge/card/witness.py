"""What other programs do to a card while a login of ours lives on it."""

from __future__ import annotations

from smartcard import scard

from bridge.card import pcsc
from bridge.errors import BridgeError, Busy


class Witness:
    """Our own handle on a card while a login lives: tells whether another program has reset the card since.

    It shares the reader and holds no transaction, so nobody waits for it.
    """

    def __init__(self, reader: str, deadline: float = pcsc.DEADLINE_SECONDS) -> None:
        """Raises Busy, CardRemoved, NoReader, CardFailed."""
        self._deadline = deadline
        self._reader = reader
        self._context = pcsc.establish()
        try:
            self._handle = pcsc.within(deadline, reader, lambda: pcsc.connect(self._context, reader).handle)
        except BridgeError:
            scard.SCardReleaseContext(self._context)
            raise

    def undisturbed(self) -> bool:
        """False after a reset by another program. Raises CardRemoved, Busy, NoReader, CardFailed."""
        code = pcsc.within(self._deadline, self._reader, lambda: pcsc.touch(self._handle))
        if code == scard.SCARD_W_RESET_CARD:
            return False
        pcsc.check(code, "looking after the card")
        return True

    def rearm(self) -> None:
        """Take a reset that is known as seen. Raises CardRemoved, Busy, NoReader, CardFailed."""

        def again() -> None:
            mode, keep = scard.SCARD_SHARE_SHARED, scard.SCARD_LEAVE_CARD
            code, _ = scard.SCardReconnect(self._handle, mode, pcsc.ANY_PROTOCOL, keep)
            pcsc.check(code, "reconnecting to the card")

        pcsc.within(self._deadline, self._reader, again)

    def reset_and_close(self) -> bool:
        """End the card's login state and let go. Never raises: a card that is away has forgotten by itself.

        False when another program holds the card: the reset then comes when that program lets go, if this one lives.
        """

        def go() -> None:
            # A card that was pulled has forgotten; a reset would meet whatever card is in the reader by now.
            away = pcsc.touch(self._handle) == scard.SCARD_W_REMOVED_CARD
            scard.SCardDisconnect(self._handle, scard.SCARD_LEAVE_CARD if away else scard.SCARD_RESET_CARD)
            scard.SCardReleaseContext(self._context)

        try:
            pcsc.within(self._deadline, self._reader, go)
        except Busy:
            return False
        return True
