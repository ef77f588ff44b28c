"""Lists that ended a short while ago: for how long an agency lets each anchor's cards be judged by them. Pure.

A CA that is down for a night would keep everybody out. Whoever is let in so was judged at the last moment at which
there was a current list, and is refused where any list, of whatever time, names a certificate of the path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.settings import Grace
from portal.signatures.paths import Chain
from portal.signatures.trust_folders import Crl

_MOST = 8
"""Moments that are tried: each costs a validation."""


def moments(lists: Iterable[Crl], now: datetime, graces: Iterable[Grace]) -> list[datetime]:
    """The ends of lists that ended within the longest grace, the latest first."""
    longest = timedelta(hours=max((grace.hours for grace in graces), default=0))
    ends = {crl.next_update for crl in lists if crl.next_update is not None and crl.next_update < now}
    return sorted((end for end in ends if now <= end + longest), reverse=True)[:_MOST]


def hours(chain: Chain, moment: datetime, now: datetime, graces: Iterable[Grace]) -> int | None:
    """The grace of this path's anchor, if it reaches from the moment to now and the path is valid now; else None."""
    anchor = hashlib.sha256(chain[-1].dump()).hexdigest()
    found = max((grace.hours for grace in graces if grace.anchor == anchor), default=0)
    valid = all(each.not_valid_before <= now <= each.not_valid_after for each in chain)
    return found if valid and now <= moment + timedelta(hours=found) else None
