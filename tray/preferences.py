"""What a person decides in the menu: kept in their own settings file, and in force from then on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridge import logs, settings
from bridge.settings import keeping


class Preferences:
    def __init__(self, loaded: settings.Settings, config: Path | None) -> None:
        """`config`: the file that `loaded` came from; None: the usual ones."""
        self._settings = loaded
        self._file = config or settings.user_file()
        self.on_language: Callable[[str], None] = lambda _spoken: None
        """Told which language (ja or en) is spoken from now on."""
        self.on_change: Callable[[], None] = lambda: None

    @property
    def now(self) -> settings.BridgeSettings:
        return self._settings.bridge

    @property
    def language(self) -> str:
        """ja or en, of everything that this person sees."""
        return settings.language(self._settings)

    def fixed(self, key: str) -> bool:
        """Whether this person cannot change that setting."""
        return self._settings.fixed(key) or not keeping.may_keep(self._file)

    def speak(self, language: str) -> None:
        """ja, en or auto."""
        if self._keep("bridge.language", language):
            self._settings = self._settings._replace(bridge=self.now._replace(language=language))
            self.on_language(self.language)
            self.on_change()

    def tell_cards(self, wanted: bool) -> None:
        """Notify of cards that come and go, or no more."""
        if self._keep("bridge.card_notices", wanted):
            self._settings = self._settings._replace(bridge=self.now._replace(card_notices=wanted))
            self.on_change()

    def _keep(self, key: str, value: str | bool) -> bool:
        try:
            keeping.keep(self._file, key, value)
        except keeping.NotKept as error:
            logs.fault("setting_not_kept", error)
            return False
        return True
