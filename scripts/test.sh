#!/bin/sh
# Every check there is. The test runner comes last, so that its closing line closes the run.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin
$bin/ruff check .
$bin/ruff format --check .
$bin/mypy
$bin/lint-imports
$bin/python -m tests.demo_check
$bin/pytest
