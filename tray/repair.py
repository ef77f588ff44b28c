"""`card-bridge doctor --fix`: what is this program's own and can be made right by itself. Everything is read back."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import certs.scope
from bridge import settings
from bridge.doctor import folders
from bridge.doctor.check import Check
from bridge.settings import Settings
from certs import commands, store
from certs.errors import CertificatesError, Missing
from certs.scope import Scope
from certs.texts import Language
from tray.places import await_first_start, tls_directory


def repair(loaded: Settings, found: Sequence[Check]) -> Iterator[Check]:
    """One line for each thing that was done, or was tried; nothing is touched that no line complains of."""
    wrong = {check.name for check in found if not check.ok}
    if "directory" in wrong:
        yield from folders.repair(loaded)
    if wrong & {"certificates", "trust"}:
        yield _certificates(loaded, renew="certificates" in wrong)


def _certificates(loaded: Settings, *, renew: bool) -> Check:
    """New ones where the present ones cannot be used or end soon; else the present root is put where it is missing."""
    directory = tls_directory(loaded)
    language: Language = "ja" if settings.language(loaded) == "ja" else "en"
    try:
        await_first_start(loaded, 0)
        order = commands.Order(_scope(directory), directory, language)
        command = commands.renew if renew and _is_there(directory) else commands.install
        # It tells on the way what the system is about to ask; the diagnosis alone goes to the standard output.
        with contextlib.redirect_stdout(sys.stderr):
            status = command(order)
    except CertificatesError as error:
        return Check("repaired", False, error.text("ja"), error.text("en"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        ja, en = f"証明書を直せませんでした: {reason}", f"the certificates could not be mended: {reason}"
        return Check("repaired", False, ja, en)
    made = command is commands.renew
    ja = "証明書を作り直しました" if made else "証明書を登録しました"
    en = "the certificates were made anew" if made else "the certificates were made known to the browsers"
    if status != 0:
        ja, en = f"{ja}が、まだ信頼していないブラウザがあります", f"{en}, but some browser does not trust them yet"
    ja, en = f"{ja}。ブラウザとカードブリッジを開き直してください", f"{en}; start browser and bridge again"
    return Check("repaired", status == 0, ja, en)


def _is_there(directory: Path) -> bool:
    try:
        store.read_index(directory)
    except Missing:
        return False
    except CertificatesError:
        return True
    return True


def _scope(directory: Path) -> Scope:
    """Whose certificates these are: what they say themselves, else by the folder they are to lie in."""
    with contextlib.suppress(CertificatesError):
        return store.read_index(directory).scope
    return Scope.MACHINE if directory == certs.scope.folder(Scope.MACHINE) else Scope.USER
