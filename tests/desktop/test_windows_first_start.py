"""A golden image and a computer made from it, as Windows tells them apart, under Wine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.desktop import wine
from tests.desktop.window import System

pytestmark = pytest.mark.parametrize("system", ["windows"], indirect=True)

KEY, GUID = r"HKLM\SOFTWARE\Card Bridge\FirstStart", r"HKLM\SOFTWARE\Microsoft\Cryptography"
# The folder of the machine's certificates is a library's word on Windows; where it is does not matter here.
LOOK = """
import json, sys
from pathlib import Path
from certs import first_start, machine
from certs.errors import CertificatesError
first_start.folder = lambda scope: Path(sys.argv[1])
def words(language):
    try:
        first_start.demand(0.0)
    except CertificatesError as error:
        return [error.code, error.text(language)]
here = first_start._here()
print(json.dumps({"state": first_start.state().value, "here": here, "ja": words("ja"), "en": words("en")}))
"""


@pytest.fixture(autouse=True)
def image(system: System) -> Iterator[None]:
    """Prepared as the installer does it, on this computer."""
    wine.start_services(system.env)
    here = look(system)["here"]
    for name, text in zip(("Machine", "Computer"), here, strict=True):
        registry(system, "add", KEY, "/v", name, "/d", text, "/f")
    yield
    registry(system, "delete", KEY, "/f")
    registry(system, "add", GUID, "/v", "MachineGuid", "/d", here[0], "/f")


def registry(system: System, *arguments: str) -> None:
    code = "import subprocess, sys; sys.exit(subprocess.run(['reg', *sys.argv[1:], '/reg:64']).returncode)"
    done = wine.python(system.env, "-c", code, *arguments)
    assert done.returncode == 0, done


def look(system: System, folder: str = r"C:\nowhere") -> dict[str, Any]:
    done = wine.python(system.env, "-c", LOOK, folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_image_itself_is_to_have_no_key(system: System) -> None:
    found = look(system)
    assert found["state"] == "image"
    code, text = found["en"]
    assert code == "image_only"
    assert text.startswith("This computer is an image for others")
    assert "マスターイメージです" in found["ja"][1]


@pytest.mark.parametrize("changed", ["guid", "name"])
def test_a_computer_made_from_it_is_to_make_its_own(system: System, changed: str) -> None:
    """Sysprep changes MachineGuid; clones that keep it have a name of their own."""
    if changed == "guid":
        registry(system, "add", GUID, "/v", "MachineGuid", "/d", "11111111-2222-3333-4444-555555555555", "/f")
    else:
        registry(system, "add", KEY, "/v", "Computer", "/d", "GOLDEN", "/f")
    found = look(system)
    assert found["state"] == "due"
    assert found["en"][0] == "first_start_due"
    assert "Restart Windows" in found["en"][1]
    assert "Windowsを再起動するか" in found["ja"][1]


def test_without_the_installers_word_nothing_waits(system: System) -> None:
    registry(system, "delete", KEY, "/f")
    found = look(system)
    assert (found["state"], found["en"]) == ("over", None)
    registry(system, "add", KEY, "/f")
