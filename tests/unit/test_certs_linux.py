"""Debian's own update-ca-certificates, on folders of the test's."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from certs import authority, store
from certs.errors import SystemStoreRefused
from certs.identity import short_name
from certs.trust.linux import Layout, LinuxStore
from tests.unit.certs_roots import NOW, impostor, root

TOOL = shutil.which("update-ca-certificates") or shutil.which("update-ca-certificates", path="/usr/sbin")

pytestmark = pytest.mark.skipif(TOOL is None, reason="needs update-ca-certificates of ca-certificates")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """The folders as Debian has them, with one authority that somebody else put there."""
    for name in ("local", "etc", "hooks", "packaged"):
        (tmp_path / name).mkdir()
    (tmp_path / "conf").write_text("# none\n")
    (tmp_path / "local" / "agency.crt").write_bytes(store.pem(impostor()))
    places = {"localcertsdir": "local", "etccertsdir": "etc", "hooksdir": "hooks", "certsdir": "packaged"}
    options = [each for option, place in places.items() for each in (f"--{option}", str(tmp_path / place))]
    update = ("update-ca-certificates", *options, "--certsconf", str(tmp_path / "conf"))
    made = Layout(tmp_path / "local", tmp_path / "etc" / "ca-certificates.crt", update, tmp_path / "hooks")
    subprocess.run([str(TOOL), *update[1:]], check=True, capture_output=True)
    return made


def everything(layout: Layout) -> dict[str, str]:
    top = layout.local.parent
    found = {path: path.readlink() if path.is_symlink() else path.stat().st_size for path in top.rglob("*")}
    return {str(path.relative_to(top)): str(what) for path, what in found.items()} | {
        str(layout.bundle): layout.bundle.read_text()
    }


def accepts(layout: Layout, leaf: bytes, directory: Path) -> bool:
    """openssl's word, from the bundle that programs read."""
    (directory / "leaf.pem").write_bytes(leaf[leaf.index(b"-----BEGIN CERT") :])
    command = ["openssl", "verify", "-no-CApath", "-attime", str(int(NOW)), "-CAfile", str(layout.bundle)]
    return subprocess.run([*command, str(directory / "leaf.pem")], capture_output=True, check=False).returncode == 0


def test_a_round_trip_leaves_the_system_as_it_was(layout: Layout) -> None:
    before, places = everything(layout), LinuxStore(layout)
    [presence] = places.install(root())
    assert presence.trusted
    assert presence.place == str(layout.bundle)
    once = everything(layout)
    [again] = places.install(root())
    assert again.trusted
    assert everything(layout) == once
    [gone] = places.uninstall(root())
    assert not gone.trusted
    assert everything(layout) == before


def test_programs_with_a_copy_of_their_own_are_told_both_times(layout: Layout, tmp_path: Path) -> None:
    hook, told = layout.hooks / "keystore", tmp_path / "told"
    hook.write_text(f"#!/bin/sh\ncat >>{told}\n")
    hook.chmod(0o755)
    places = LinuxStore(layout)
    places.install(root())
    places.uninstall(root())
    link = f"{layout.bundle.parent}/{short_name(root())}.pem"
    assert told.read_text().splitlines() == [f"+{link}", f"-{link}"]


def test_programs_that_read_the_bundle_then_accept_our_leaf(layout: Layout, tmp_path: Path) -> None:
    made = authority.issue(NOW)
    assert not accepts(layout, made.leaves[0].pem, tmp_path)
    LinuxStore(layout).install(made.root)
    assert accepts(layout, made.leaves[0].pem, tmp_path)
    LinuxStore(layout).uninstall(made.root)
    assert not accepts(layout, made.leaves[0].pem, tmp_path)


def test_an_earlier_root_is_named_and_goes_only_on_demand(layout: Layout) -> None:
    places = LinuxStore(layout)
    places.install(root(1))
    [presence] = places.install(root())
    assert len(presence.others) == 1
    places.uninstall(root())
    assert [p.trusted for p in places.status(root(1))] == [True]
    before = (layout.local / "agency.crt").read_bytes()
    [presence] = places.uninstall(None)
    assert presence.others == ()
    assert [path.name for path in layout.local.iterdir()] == ["agency.crt"]
    assert (layout.local / "agency.crt").read_bytes() == before


def test_a_file_that_was_deleted_by_hand_is_made_up_for(layout: Layout) -> None:
    places = LinuxStore(layout)
    places.install(root())
    layout.bundle.write_bytes(b"")
    assert [p.trusted for p in places.status(root())] == [False]
    assert [p.trusted for p in places.install(root())] == [True]


def test_a_tool_that_fails_is_told_with_its_words(layout: Layout) -> None:
    failing = layout._replace(update=("sh", "-c", "echo no space left >&2; exit 1"))
    [presence] = LinuxStore(failing).install(root())
    assert isinstance(presence.trouble, SystemStoreRefused)
    assert "no space left" in presence.trouble.text("en")
    assert not presence.trusted


def test_without_the_tool_there_is_no_place(layout: Layout) -> None:
    places = LinuxStore(layout._replace(update=("no-such-tool",)))
    assert places.install(root()) == places.status(root()) == places.uninstall(root()) == []
    assert [path.name for path in layout.local.iterdir()] == ["agency.crt"]
