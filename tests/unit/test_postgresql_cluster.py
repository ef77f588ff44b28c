"""The tests' own PostgreSQL keeps what it acknowledged, whatever ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.postgresql import Cluster


@pytest.mark.parametrize("end", [Cluster.kill, Cluster.stop])
def test_what_was_committed_is_there_when_it_is_back(cluster: Cluster, end: Callable[[Cluster], None]) -> None:
    name = cluster.create()
    cluster.sql("CREATE TABLE kept (a text); INSERT INTO kept VALUES ('x')", name)
    end(cluster)
    cluster.start()
    assert cluster.sql("SELECT a FROM kept", name) == "x"
    cluster.drop(name)


def test_every_commit_is_flushed_and_nobody_outside_reaches_it(cluster: Cluster) -> None:
    assert [cluster.sql(f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3
    assert cluster.sql("SHOW listen_addresses") == ""


def test_its_own_order_is_not_that_of_bytes(cluster: Cluster) -> None:
    assert cluster.sql("SELECT 'a' < 'B'") == "t"


def test_a_prepared_database_is_made_once_and_copied(cluster: Cluster) -> None:
    calls: list[str] = []

    def prepare(url: str) -> None:
        calls.append(url)
        cluster.sql("CREATE TABLE t (a int)", url.partition("@/")[2].partition("?")[0])

    names = [cluster.prepared("once", prepare) for _ in range(2)]
    for name in names:
        assert cluster.sql("SELECT count(*) FROM t", name) == "0"
        cluster.drop(name)
    assert len(calls) == 1
