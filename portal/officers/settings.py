"""The agency's choices for its officers' pages. Table [officers]."""

from __future__ import annotations

from dataclasses import dataclass

from portal.mail import addresses


@dataclass(frozen=True, slots=True)
class OfficerRules:
    """`session_minutes`: after how long without use an officer's login ends; `rows`: of a list on one page.

    `mail`: who is told that a 仮登録 waits.
    """

    session_minutes: int = 20
    rows: int = 50
    mail: tuple[str, ...] = ()


def fault(rules: OfficerRules) -> str | None:
    """What cannot be: the key and what is expected of it."""
    for key in ("session_minutes", "rows"):
        if getattr(rules, key) < 1:
            return f"{key}: expected 1 or more"
    for number, address in enumerate(rules.mail):
        if not addresses.is_mailbox(address):
            return f"mail[{number}]: expected a mail address"
    return None
