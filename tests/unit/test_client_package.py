"""The package of client/ for portals: what `npm pack` puts in, and that its types speak of this module."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import CODES
from bridge.version import VERSION

CLIENT = Path(__file__).parents[2] / "client"
SOURCE = (CLIENT / "card-bridge.js").read_text(encoding="utf-8")
TYPES = (CLIENT / "card-bridge.d.ts").read_text(encoding="utf-8")
LIMIT = 8 * 1024
MEMBERS = """
const error = new client.BridgeError({ code: "busy" });
const own = (one) => Object.getOwnPropertyNames(one).filter((name) => name !== "constructor");
const inherited = ["name", "message", "stack"];
console.log(JSON.stringify({
  names: Object.keys(client).sort(),
  CardBridge: own(client.CardBridge.prototype).sort(),
  BridgeError: own(error).filter((name) => !inherited.includes(name)).sort(),
}));
"""


def node(script: str, *options: str) -> Any:
    done = subprocess.run(["node", *options, "-e", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as a portal unpacks it."""
    directory = tmp_path_factory.mktemp("pack")
    copy = shutil.copytree(CLIENT, directory / "client", ignore=shutil.ignore_patterns("*.iife.js"))
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "npm_config_offline": "true"}
    command = ["npm", "pack", "--pack-destination", str(directory)]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with tarfile.open(directory / f"card-bridge-client-{VERSION}.tgz") as archive:
        archive.extractall(directory, filter="data")
    return directory / "package"


@pytest.fixture(scope="module")
def module() -> dict[str, list[str]]:
    """What the module exports, and what its classes have."""
    address = json.dumps((CLIENT / "card-bridge.js").as_uri())
    found: dict[str, list[str]] = node(f"const client = await import({address});{MEMBERS}", "--input-type=module")
    return found


def declared(name: str) -> str:
    """The body of a class in the types."""
    found = re.search(rf"^export class {name} [^\n]*\{{\n(.*?)^\}}", TYPES, re.MULTILINE | re.DOTALL)
    assert found is not None
    return re.sub(r"/\*\*.*?\*/", "", found[1], flags=re.DOTALL)


def union(name: str) -> set[str]:
    found = re.search(rf"^export type {name} =(.*?);", TYPES, re.MULTILINE | re.DOTALL)
    assert found is not None
    return set(re.findall(r'"(\w+)"', found[1]))


def test_the_package_holds_what_portals_load_and_nothing_else(package: Path) -> None:
    files = {file.name for file in package.iterdir()}
    assert files == {"package.json", "card-bridge.js", "card-bridge.d.ts", "card-bridge.iife.js"}
    assert (package / "card-bridge.js").read_text(encoding="utf-8") == SOURCE


def test_both_builds_are_small_even_with_every_comment(package: Path) -> None:
    sizes = {
        name: len(gzip.compress((package / name).read_bytes())) for name in ("card-bridge.js", "card-bridge.iife.js")
    }
    assert {name: size for name, size in sizes.items() if size > LIMIT} == {}


def test_the_script_gives_what_the_module_exports(package: Path, module: dict[str, list[str]]) -> None:
    script = (package / "card-bridge.iife.js").read_text(encoding="utf-8")
    assert node(f"{script}\nconst client = CardBridgeClient;{MEMBERS}", "--input-type=commonjs") == module


def test_the_types_name_the_exports(module: dict[str, list[str]]) -> None:
    assert sorted(re.findall(r"^export (?:function|class|const) (\w+)", TYPES, re.MULTILINE)) == module["names"]


def test_the_types_name_the_methods(module: dict[str, list[str]]) -> None:
    methods = set(re.findall(r"^  (\w+)\(", declared("CardBridge"), re.MULTILINE))
    assert methods - {"constructor", "addEventListener"} == set(module["CardBridge"])


def test_the_types_name_an_errors_fields(module: dict[str, list[str]]) -> None:
    assert re.findall(r"^  readonly (\w+):", declared("BridgeError"), re.MULTILINE) != []
    assert sorted(re.findall(r"^  readonly (\w+):", declared("BridgeError"), re.MULTILINE)) == module["BridgeError"]


def test_the_types_name_the_options() -> None:
    found = re.search(r"^export interface Options \{\n(.*?)^\}", TYPES, re.MULTILINE | re.DOTALL)
    taken = re.search(r"constructor\(\{ (.*?) \} = \{\}\)", SOURCE)
    assert found is not None
    assert taken is not None
    assert set(re.findall(r"^  (\w+)\?:", found[1], re.MULTILINE)) == set(
        re.findall(r"(\w+)(?: = [^,]+)?(?:,|$)", taken[1])
    )


def test_the_types_name_the_codes() -> None:
    causes = SOURCE.split("const CAUSES = {")[1].split("\n};")[0]
    assert union("BridgeCode") == set(CODES)
    assert union("Cause") == set(re.findall(r"^  (\w+): \{", causes, re.MULTILINE))
