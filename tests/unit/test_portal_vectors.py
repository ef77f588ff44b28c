"""The published vectors (docs/vectors/): the portal's verifier gives each its code, and openssl what the guide says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from portal.refusals import Refused
from portal.settings import TrustFolders
from portal.signatures import ladder, statement
from portal.signatures.ladder import Expected
from portal.signatures.trust import Trust
from portal.store.rows import Minted
from tests import verification_vectors

DOCS = Path(__file__).parents[2] / "docs"
VECTORS = DOCS / "vectors"
TABLE: dict[str, Any] = json.loads((VECTORS / "vectors.json").read_text(encoding="utf-8"))
GUIDE = (DOCS / "verify.md").read_text(encoding="utf-8")
SESSION = "visit"


def outcome(directory: Path, table: dict[str, Any], vector: dict[str, Any]) -> str | None:
    """The code that the portal's verifier gives; None: believed."""
    signer = vector.get("signer", table["signer"])
    certificate = (directory / signer).read_bytes() if signer else None
    expected = Expected(**table["expected"], session=SESSION, certificate=certificate)
    anchors, others, lists, past = (directory / name for name in ("anchors", "intermediates", "crls", "past-crls"))
    folders = TrustFolders(anchors, others, lists, past)
    try:
        opened = ladder.open_statement((directory / vector["file"]).read_bytes(), expected)
        ladder.check(opened, minted(table, vector), expected, Trust(folders), datetime.fromisoformat(table["now"]))
    except Refused as refused:
        return refused.code
    return None


def minted(table: dict[str, Any], vector: dict[str, Any]) -> Minted | None:
    if (change := vector.get("minted", {})) is None:
        return None
    row = {**table["minted"], **change}
    spent = datetime.fromisoformat(row["spent"]) if row["spent"] else None
    digest = statement.payload_digest(row["payload"])
    expires = datetime.fromisoformat(row["expires"])
    return Minted(row["nonce"], SESSION, row["type"], row["action"], digest, {}, expires, row["attempts"], spent)


def ladder_codes() -> list[str]:
    """Of rungs 1 to 18: what bytes, trust and state show before anything is written."""
    text = (DOCS / "protocol.md").read_text(encoding="utf-8").split("\n## What a verifier checks\n")[1]
    rungs = [line for line in text.splitlines() if re.match(r"\| ([1-9]|1[0-8]) \|", line)]
    return [code for rung in rungs for code in re.findall(r"`(\w+)`", rung.rsplit("|", 2)[1])]


@pytest.mark.parametrize("vector", TABLE["vectors"], ids=lambda vector: vector["code"] or vector["file"])
def test_the_portal_gives_each_vector_its_code(vector: dict[str, Any]) -> None:
    assert outcome(VECTORS, TABLE, vector) == vector["code"]


def test_there_is_one_vector_for_each_refusal_of_the_ladder() -> None:
    published = [vector["code"] for vector in TABLE["vectors"] if vector["code"]]
    assert sorted(published) == sorted(ladder_codes())


def test_no_file_is_without_a_vector() -> None:
    named = {vector["file"] for vector in TABLE["vectors"]}
    assert {file.name for file in VECTORS.glob("*.p7m")} == named


def test_what_makes_the_vectors_still_makes_them(tmp_path: Path) -> None:
    made = tmp_path / "vectors"
    verification_vectors.write(made)
    table = json.loads((made / "vectors.json").read_text(encoding="utf-8"))
    assert table == TABLE
    assert [outcome(made, table, vector) for vector in table["vectors"]] == [v["code"] for v in TABLE["vectors"]]


def openssl(file: str) -> subprocess.CompletedProcess[bytes]:
    """The guide's line, as it stands there, with another file."""
    line = re.search(r"^openssl cms -verify .*$", GUIDE, re.MULTILINE)
    assert line is not None
    words = [file if word == "accepted.p7m" else word for word in shlex.split(line[0])]
    assert file in words
    return subprocess.run(words, capture_output=True, check=False, cwd=VECTORS, stdin=subprocess.DEVNULL)


def test_openssl_gives_the_statement_back() -> None:
    for file in ("accepted.p7m", "accepted-p256.p7m"):
        done = openssl(file)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["payload"] == TABLE["minted"]["payload"]


def test_the_guide_says_what_openssl_alone_does_not_see() -> None:
    refused = {v["code"] for v in TABLE["vectors"] if v["code"] and openssl(v["file"]).returncode != 0}
    sentence = GUIDE.split("openssl refuses by itself:")[1].split(".\n")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == refused
