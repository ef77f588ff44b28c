"""The certificates' folder: modes, damage, replacement, and what reading it imports."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from certs import authority, context, errors, machine, store
from certs.scope import Scope

NOW = 1_800_000_000.0


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    context.ensure(tmp_path / "tls", NOW)
    return tmp_path / "tls"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def first_leaf(directory: Path) -> Path:
    return store.load(directory).leaves[0].path


def test_keys_are_for_their_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        leaves = context.ensure(tmp_path / "tls", NOW).leaves
    finally:
        os.umask(old)
    assert mode(tmp_path / "tls") == 0o700
    assert {mode(leaf.path) for leaf in leaves} == {0o600}


def test_machine_wide_keys_can_be_read_by_all_and_written_by_their_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "tls"
    for umask in (0o077, 0):
        old = os.umask(umask)
        try:
            context.ensure(directory, NOW, Scope.MACHINE)
        finally:
            os.umask(old)
        assert {mode(path) for path in directory.iterdir()} == {0o644}
        assert {mode(directory), mode(directory.parent)} == {0o755}
        assert store.load(directory).scope is Scope.MACHINE
        store.remove(directory)
        directory.parent.rmdir()


def test_machine_wide_keys_that_others_can_replace_are_refused(tmp_path: Path) -> None:
    leaf = context.ensure(tmp_path / "tls", NOW, Scope.MACHINE).leaves[0].path
    for path, loose, tight in (
        (leaf, 0o664, 0o644),
        (tmp_path / "tls" / "index.json", 0o646, 0o644),
        (tmp_path / "tls", 0o775, 0o755),
    ):
        path.chmod(loose)
        with pytest.raises(errors.KeyExposed, match=path.name):
            store.load(tmp_path / "tls")
        path.chmod(tight)
        store.load(tmp_path / "tls")


def test_a_folder_from_before_there_were_scopes_is_its_owners_alone(directory: Path) -> None:
    index = json.loads((directory / "index.json").read_text())
    del index["scope"]
    (directory / "index.json").write_text(json.dumps(index))
    assert store.load(directory).scope is Scope.USER
    first_leaf(directory).chmod(0o644)
    with pytest.raises(errors.KeyExposed):
        store.load(directory)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="gives files away")
@pytest.mark.parametrize("scope", Scope)
def test_keys_that_another_person_put_there_are_refused(tmp_path: Path, scope: Scope) -> None:
    leaf = context.ensure(tmp_path / "tls", NOW, scope).leaves[0].path
    os.chown(leaf, 4711, 4711)
    with pytest.raises(errors.KeyExposed):
        store.load(tmp_path / "tls")


def test_what_is_there_is_kept(directory: Path) -> None:
    before = {path: path.read_bytes() for path in directory.iterdir()}
    context.ensure(directory, NOW + 1e8)
    assert {path: path.read_bytes() for path in directory.iterdir()} == before


def test_root_files_are_the_root(directory: Path) -> None:
    root = store.load(directory).root
    assert (directory / "root.der").read_bytes() == root
    read = subprocess.run(
        ["openssl", "x509", "-in", directory / "root.pem", "-outform", "DER"], capture_output=True, check=True
    )
    assert read.stdout == root


def test_a_new_set_leaves_no_old_key(directory: Path) -> None:
    old = {leaf.path for leaf in store.load(directory).leaves}
    (directory / ".new-leftover").write_bytes(b"half a key")
    made = authority.issue(NOW)
    new = {leaf.path for leaf in store.save(directory, made.root, made.leaves).leaves}
    assert not old & new
    assert set(directory.iterdir()) == new | {directory / name for name in ("index.json", "root.pem", "root.der")}


def test_a_crash_before_the_index_keeps_the_old_set(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = store.load(directory)
    replace = Path.replace

    def crash(path: Path, target: Path) -> Path:
        if target.name == "index.json":
            raise OSError("power cut")
        return replace(path, target)

    made = authority.issue(NOW)
    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(OSError, match="power cut"):
        store.save(directory, made.root, made.leaves)
    assert store.load(directory) == before


def test_remove_leaves_nothing_of_ours_and_all_of_others(directory: Path) -> None:
    (directory / "notes.txt").write_text("mine")
    store.remove(directory)
    assert [path.name for path in directory.iterdir()] == ["notes.txt"]
    (directory / "notes.txt").unlink()
    store.remove(directory)
    assert not directory.exists()


def loosen_key(directory: Path) -> None:
    first_leaf(directory).chmod(0o640)


def loosen_directory(directory: Path) -> None:
    directory.chmod(0o770)


def change_key(directory: Path) -> None:
    leaves = store.load(directory).leaves
    leaves[0].path.write_bytes(leaves[1].path.read_bytes())


def lose_key(directory: Path) -> None:
    first_leaf(directory).unlink()


def lose_index(directory: Path) -> None:
    (directory / "index.json").unlink()


def edit_index(**changes: object) -> Callable[[Path], None]:
    def edit(directory: Path) -> None:
        index = json.loads((directory / "index.json").read_text())
        (directory / "index.json").write_text(json.dumps({**index, **changes}))

    return edit


def cut_index(directory: Path) -> None:
    index = directory / "index.json"
    index.write_bytes(index.read_bytes()[:200])


OUTSIDE = {"file": "../leaf.pem", "sha256": "00", "notBefore": 1, "notAfter": 2}
BACKWARDS = {"file": "leaf.pem", "sha256": "00", "notBefore": 2, "notAfter": 2}


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        pytest.param(loosen_key, "key_exposed", id="key readable by a group"),
        pytest.param(loosen_directory, "key_exposed", id="folder writable by a group"),
        pytest.param(change_key, "key_tampered", id="another leaf's key"),
        pytest.param(lose_key, "key_tampered", id="a key file lost"),
        pytest.param(lose_index, "missing", id="index lost"),
        pytest.param(cut_index, "index_damaged", id="index cut off"),
        pytest.param(edit_index(version=2), "index_damaged", id="another version"),
        pytest.param(edit_index(more=1), "index_damaged", id="unknown key"),
        pytest.param(edit_index(scope="everybody"), "index_damaged", id="unknown scope"),
        pytest.param(edit_index(root="%%"), "index_damaged", id="root not base64"),
        pytest.param(edit_index(leaves=[]), "index_damaged", id="no leaf"),
        pytest.param(edit_index(leaves=[1]), "index_damaged", id="leaf of another shape"),
        pytest.param(edit_index(leaves=[OUTSIDE]), "index_damaged", id="leaf outside the folder"),
        pytest.param(edit_index(leaves=[BACKWARDS]), "index_damaged", id="empty window"),
    ],
)
def test_damage_is_refused_with_its_own_code(directory: Path, damage: Callable[[Path], None], code: str) -> None:
    damage(directory)
    with pytest.raises(errors.CertificatesError) as caught:
        context.server_context(directory)
    assert caught.value.code == code


@pytest.mark.parametrize("error", errors.CertificatesError.__subclasses__(), ids=lambda error: error.code)
def test_every_error_says_where_and_what_to_do_in_both_languages(error: type[errors.CertificatesError]) -> None:
    failure = error("/some/place", "reason")
    assert all("/some/place" in failure.text(lang) and "(reason)" in failure.text(lang) for lang in ("ja", "en"))
    assert failure.text("ja").isascii() is False
    assert failure.text("en").isascii()


def test_serving_imports_the_standard_library_alone(directory: Path) -> None:
    program = (
        "import sys; from certs import context; from pathlib import Path; context.server_context(Path(sys.argv[1]))"
    )
    listing = "; print(*sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(Path.cwd())!r}); {program}{listing}",
    ]
    done = subprocess.run([*command, directory], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["__main__", "certs"]


def test_machine_wide_keys_that_came_with_another_computers_disk_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "id").write_text("4d0fbb0f4c5a4a9d8a5c1f9b8a7e6d5c\n", encoding="ascii")
    monkeypatch.setattr(machine, "_LINUX", tmp_path / "id")
    made = {scope: context.ensure(tmp_path / scope.value, NOW, scope) for scope in Scope}
    assert "4d0fbb0f" not in (tmp_path / "machine/index.json").read_text(encoding="utf-8")
    assert not made[Scope.MACHINE].copied
    (tmp_path / "id").write_text("0123456789abcdef0123456789abcdef\n", encoding="ascii")
    assert store.load(tmp_path / "machine").copied
    assert not store.load(tmp_path / "user").copied  # a home directory may be seen from several computers
    (tmp_path / "id").unlink()
    assert not store.load(tmp_path / "machine").copied
