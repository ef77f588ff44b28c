"""A portal whose PostgreSQL is elsewhere: TLS, by which the server proves its name, and a password (SCRAM)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import DNSName, SubjectAlternativeName

from portal.cli import main
from tests.flow.portal_crowd import Crowd
from tests.flow.portal_judge import judge
from tests.flow.portal_program import contractor, settled, started
from tests.postgresql import USER, Cluster, Door
from tests.running_demo import free_port
from tests.unit import portal_pki as pki
from tests.unit.portal_world import World, world

SERVER = "db.example.lg.jp"
PASSWORD = "きたかぜ-17"


def _authority() -> pki.Authority:
    return pki.Authority(key=pki.rsa_key("database authority"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    leaf = _authority().issue(900, key=pki.ec_key("database"), extra=[SubjectAlternativeName([DNSName(SERVER)])])
    key = leaf.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made = Cluster(door=Door(free_port(), leaf.certificate.public_bytes(Encoding.PEM), key))
    made.sql(f"ALTER ROLE {USER} PASSWORD '{PASSWORD}'")
    yield made
    made.close()


class Far(NamedTuple):
    """`near`: the database's address over the socket, as the tests see it."""

    made: World
    near: str
    port: int

    def settings(self, password: str = PASSWORD, **words: str) -> Path:
        """`words`: of libpq's, other ones than are right."""
        root = self.made.root
        settings = settled(self.made, f'[postgresql]\npassword_file = "{root}/password"')
        (root / "password").touch(mode=0o600)
        (root / "password").write_text(f"{password}\n", encoding="utf-8")
        (root / "right.pem").write_bytes(_authority().certificate.public_bytes(Encoding.PEM))
        (root / "wrong.pem").write_bytes(self.made.authority.certificate.public_bytes(Encoding.PEM))
        right = {"host": SERVER, "hostaddr": "127.0.0.1", "sslmode": "verify-full", "sslrootcert": "right.pem"} | words
        right["sslrootcert"] = f"{root}/{right['sslrootcert']}"
        database = self.near.partition("?")[0].rpartition("/")[2]
        far = f"postgresql://{USER}@/{database}?port={self.port}&" + "&".join(
            f"{key}={value}" for key, value in right.items()
        )
        settings.write_text(settings.read_text().replace(f'"{self.near}"', f'"{far}"', 1))
        return settings


@pytest_asyncio.fixture
async def far(address: str, cluster: Cluster, tmp_path: Path) -> AsyncIterator[Far]:
    async with world(tmp_path) as made:
        await made.store.import_contractors([contractor(number) for number in range(60)])
        yield Far(made, address, cluster.port)


async def test_bidders_register_over_tls_with_a_password(far: Far, cluster: Cluster) -> None:
    settings = far.settings()
    async with started(far.made) as portal:
        crowd = Crowd(far.made, [portal.address], bidders=2)
        async with crowd.busy():
            await crowd.more(2)
            over_tls = "SELECT count(*) > 0 AND bool_and(ssl) FROM pg_stat_ssl NATURAL JOIN pg_stat_activity"
            assert cluster.sql(f"{over_tls} WHERE client_addr = '127.0.0.1'") == "t"
        await portal.end()
    assert not crowd.ledger.refused
    await judge(settings, far.near, crowd.ledger)


@pytest.mark.parametrize(
    ("password", "words", "said"),
    [
        (PASSWORD, {"sslrootcert": "wrong.pem"}, "certificate verify failed"),
        (PASSWORD, {"host": "other.example.lg.jp"}, f'"{SERVER}" does not match host name "other.example.lg.jp"'),
        (PASSWORD, {"host": "localhost", "sslmode": "disable"}, "no encryption"),
        ("みなみかぜ-18", {}, f'password authentication failed for user "{USER}"'),
    ],
    ids=("another authority", "another name", "no TLS", "another password"),
)
async def test_another_server_or_password_is_refused_and_the_reason_told(
    far: Far, password: str, words: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = far.settings(password, **words)
    assert await asyncio.to_thread(main, ["init", "--config", str(settings)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1), err
    assert err.startswith("portal: ")
    assert said in err
    assert password not in err
