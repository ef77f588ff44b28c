"""Windows' access lists, as facts: who may read or replace a file, and whether that is too many people."""

from __future__ import annotations

from typing import Final, NamedTuple

from certs.scope import Scope

SYSTEM: Final = "S-1-5-18"
ADMINISTRATORS: Final = "S-1-5-32-544"
USERS: Final = "S-1-5-32-545"

# Bits of an access mask (winnt.h); what is generic there has been mapped by then, but costs nothing to know.
_READ: Final = 0x1 | 0x80000000 | 0x10000000  # FILE_READ_DATA, GENERIC_READ, GENERIC_ALL
_WRITE: Final = (
    0x2  # FILE_WRITE_DATA, FILE_ADD_FILE
    | 0x4  # FILE_APPEND_DATA, FILE_ADD_SUBDIRECTORY
    | 0x40  # FILE_DELETE_CHILD
    | 0x10000  # DELETE
    | 0x40000  # WRITE_DAC
    | 0x80000  # WRITE_OWNER
    | 0x40000000  # GENERIC_WRITE
    | 0x10000000  # GENERIC_ALL
)


class Entry(NamedTuple):
    """One that allows: an access mask for a security identifier (`S-1-…`)."""

    mask: int
    sid: str


class Rules(NamedTuple):
    """`entries`: those in force for the file itself; None where there is no list: everybody may do everything."""

    owner: str
    entries: tuple[Entry, ...] | None


def exposed(rules: Rules, own: str, scope: Scope) -> bool:
    """A key that more people can read or replace than the scope says; `own`: the identifier of this process's user."""
    return _reaches(rules, own, _WRITE | _READ if scope is Scope.USER else _WRITE)


def replaceable(rules: Rules, own: str) -> bool:
    return _reaches(rules, own, _WRITE)


def descriptor(own: str, scope: Scope) -> str:
    """What folder and files of this scope get, in the Security Descriptor Definition Language."""
    full = "".join(f"(A;OICI;FA;;;{sid})" for sid in (SYSTEM, ADMINISTRATORS))
    # 0x1200a9: read and execute.
    rest = f"(A;OICI;FA;;;{own})" if scope is Scope.USER else f"(A;OICI;0x1200a9;;;{USERS})"
    owner = own if scope is Scope.USER else ADMINISTRATORS
    return f"O:{owner}D:P{full}{rest}"


def _reaches(rules: Rules, own: str, forbidden: int) -> bool:
    trusted = {SYSTEM, ADMINISTRATORS, own}
    if rules.entries is None or rules.owner not in trusted:
        return True
    return any(entry.mask & forbidden for entry in rules.entries if entry.sid not in trusted)
