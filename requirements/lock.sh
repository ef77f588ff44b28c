#!/bin/sh
# Compile the hashed locks from pyproject.toml. Run after changing a dependency: sh requirements/lock.sh [uv options]
# --universal: one lock serves Linux, Windows and macOS (environment markers stay in the file).
set -eu
cd "$(dirname "$0")/.."
compile() {
    out=$1; shift
    uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet \
        --output-file "requirements/$out" pyproject.toml "$@"
}
compile run.lock "$@"
compile demo.lock --extra documents --extra portal --extra qt --constraints requirements/run.lock "$@"
compile dev.lock --extra documents --extra portal --extra qt --extra dev --constraints requirements/demo.lock "$@"
# What the MSI brings along: for Windows alone, without environment markers, which pip would read as if for its own system.
uv pip compile --python-platform x86_64-pc-windows-msvc --python-version 3.13 --generate-hashes --no-header --no-annotate --quiet \
    --extra documents --constraints requirements/demo.lock --output-file requirements/windows-run.lock pyproject.toml "$@"
# What the sdists among them (pyscard) need to be built, pinned as well.
printf 'setuptools>=77\nswig>=4.2\nwheel>=0.45\n' | uv pip compile --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --quiet --output-file requirements/build.lock - "$@"
