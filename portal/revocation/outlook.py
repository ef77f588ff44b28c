"""How long the lists in the folder are good for, and what of that is an alarm. Pure, but for reading the folder."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from portal.revocation import acceptance, folder
from portal.revocation.acceptance import Scope, Unacceptable
from portal.signatures.certificate import TOKYO

_SUFFIXES = frozenset({".crl", ".pem", ".der"})


class Standing(NamedTuple):
    """One file of the folder; `begins` and `ends` None: there is no list in it that can be read."""

    file: str
    begins: datetime | None
    ends: datetime | None

    def told(self, now: datetime) -> str:
        """One line for the operator."""
        if self.ends is None:
            return f"{self.file}: no revocation list"
        word = "ends" if self.ends > now else "has ended"
        return f"{self.file}: {word} {self.ends.astimezone(TOKYO):%Y/%m/%d %H:%M}"


def standings(crls: Path, expected: Iterable[str]) -> list[Standing]:
    """Each file of the folder and each that is expected there; of lists on the same certificates the latest alone."""
    found: dict[str, Standing] = {}
    latest: dict[Scope, Standing] = {}
    files = {path.name for path in crls.iterdir() if path.suffix.lower() in _SUFFIXES} if crls.is_dir() else set()
    wanted = set(expected)
    for file in sorted(files | wanted):
        try:
            crl = acceptance.read(folder.present(crls / file) or b"")
        except Unacceptable:
            found[file] = Standing(file, None, None)
            continue
        each, scope = Standing(file, crl.this_update, crl.next_update), acceptance.scope(crl)
        before = latest.get(scope)
        if before is None or _end(before) < _end(each):
            latest[scope] = each
    kept = {each.file: each for each in latest.values()}
    return sorted((found | kept).values())


def _end(standing: Standing) -> datetime:
    return standing.ends or datetime.min.replace(tzinfo=UTC)


def alarms(standing: Iterable[Standing], now: datetime, warn: timedelta) -> list[Standing]:
    """What ends within this time, has ended, or is not there."""
    return [each for each in standing if each.ends is None or each.ends <= now + warn]


def metrics(standing: Iterable[Standing], failed: frozenset[str], now: datetime) -> str:
    """For the textfile collector of Prometheus' node exporter; times in seconds since 1970."""
    lines = ["# TYPE card_bridge_crl_fetch_time_seconds gauge"]
    lines.append(f"card_bridge_crl_fetch_time_seconds {now.timestamp():.0f}")
    lines.append("# TYPE card_bridge_crl_next_update_seconds gauge")
    standing = list(standing)
    for each in standing:
        ends = each.ends.timestamp() if each.ends else 0
        lines.append(f'card_bridge_crl_next_update_seconds{{file="{_label(each.file)}"}} {ends:.0f}')
    lines.append("# TYPE card_bridge_crl_fetch_failed gauge")
    names = sorted({each.file for each in standing} | failed)
    lines += [f'card_bridge_crl_fetch_failed{{file="{_label(name)}"}} {int(name in failed)}' for name in names]
    return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
