"""For all rings: a property holds or does not, however busy the computer is; databases of PostgreSQL."""

from __future__ import annotations

from hypothesis import settings

from tests.either import address as address
from tests.either import either_database as either_database
from tests.either import tables as tables
from tests.postgresql import cluster as cluster
from tests.postgresql import postgresql as postgresql

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
