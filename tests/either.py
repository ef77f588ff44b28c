"""A test of the portal in SQLite and again in PostgreSQL: `pytestmark = pytest.mark.usefixtures("either_database")`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.store import schema


@pytest.fixture(params=("sqlite", "postgresql"))
def either_database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where `portal_world.world` puts its store."""
    if request.param == "sqlite":
        yield
        return
    from tests.unit import portal_world

    cluster = request.getfixturevalue("cluster")
    name = cluster.prepared("tables", schema.migrate)
    monkeypatch.setattr(portal_world, "elsewhere", cluster.url(name))
    yield
    cluster.drop(name)
