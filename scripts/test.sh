#!/bin/sh
# Every check there is. The test runner comes last, so that its closing line closes the run.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin
$bin/ruff check .
$bin/ruff format --check .

# No figure is judged here; that every benchmark still runs is, beside checks that mostly wait.
# What it prints is shown in one piece.
printed=$(mktemp)
ROUNDS=2 $bin/python -m benchmarks >"$printed" 2>&1 &
benchmarks=$!
trap 'wait $benchmarks || :; rm -f "$printed"' EXIT
trap 'kill $benchmarks || :; exit 130' INT
trap 'kill $benchmarks || :; exit 143' TERM

$bin/mypy
# What is for other systems is unreachable there, and says nothing.
$bin/mypy --platform win32 --no-warn-unreachable -p bridge -p certs -p tray
$bin/lint-imports
$bin/python -m tests.demo_check || $bin/python -m tests.demo_check
$bin/python -m tests.demo_check --card virtual || $bin/python -m tests.demo_check --card virtual
$bin/python -m tests.demo_check --card jpki || $bin/python -m tests.demo_check --card jpki
$bin/python -m tests.renewal_check || $bin/python -m tests.renewal_check
$bin/python -m tests.mishaps || $bin/python -m tests.mishaps
status=0
wait $benchmarks || status=$?
cat "$printed"
[ $status -eq 0 ] || exit $status
# Files side by side, each by one process: a file's fixtures are made once. The longest come first (pyproject.toml).
# One process more than there are cores, since most tests wait for programs more than they work.
# Real windows and real browsers have moments of their own on a busy machine: what failed gets one more chance, by itself.
$bin/pytest -n $(( $(nproc) < 4 ? $(nproc) + 1 : 4 )) --dist loadfile --no-loadscope-reorder || $bin/pytest --last-failed --last-failed-no-failures none
