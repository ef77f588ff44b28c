"""A test of the portal in SQLite and again in PostgreSQL: `pytestmark = pytest.mark.usefixtures("either_database")`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.store import schema
from tests.postgresql import Cluster


@pytest.fixture
def tables(cluster: Cluster) -> Iterator[str]:
    """The URL of a PostgreSQL database with the portal's tables, all of them empty."""
    name = cluster.prepared("tables", schema.migrate)
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def address(tables: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Such a database, in which `portal_world.world` puts its store."""
    from tests.unit import portal_world

    monkeypatch.setattr(portal_world, "elsewhere", tables)
    return tables


@pytest.fixture(params=("sqlite", "postgresql"))
def either_database(request: pytest.FixtureRequest) -> None:
    """Where `portal_world.world` puts its store."""
    if request.param == "postgresql":
        request.getfixturevalue("address")
