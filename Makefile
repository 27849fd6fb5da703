# Fraction: `make demo` shows everything, `make test` checks everything; both set up what they need first.
PY ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$python && exit; \
	done; command -v python3 || echo python3)
DEMO_ARGS ?=
PYTEST_ARGS ?= -q -n 2
BIN := .venv/bin
# the venv's programs first; a node from a Python package last, where the system has none
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export OMP_WAIT_POLICY ?= PASSIVE
export HF_HUB_OFFLINE ?= 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: screenshots help demo test check setup setup-test model contracts bench exact-matrix chaos up clean

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:
	@$(PY) scripts/setup.py demo

setup-test:
	@$(PY) scripts/setup.py test

demo: setup  ## the whole loop on a real local chain (options: DEMO_ARGS="--small --json out/demo.json")
	@$(BIN)/fraction demo $(DEMO_ARGS)

test: check  ## every check, then every test (options: PYTEST_ARGS="-q -k payouts")
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup-test  ## format, lints, layers, types, sizes, contracts equal to their sources
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pyright --warnings
	@$(BIN)/python scripts/sizes.py
	@$(BIN)/python contracts/build.py --check

model: setup-test  ## rebuild the embedded base model (hours on a CPU)
	@$(BIN)/python -m models.build

contracts: setup-test  ## compile the contracts into the committed artifacts
	@$(BIN)/python contracts/build.py

bench: setup-test  ## measure what the notes claim
	@$(BIN)/python -m bench

exact-matrix: setup-test  ## one digest of an exact training under every setting (minutes; EMULATOR=qemu-x86_64-static: more)
	@PYTHONPATH=src:. $(BIN)/python scripts/exact_matrix.py $(if $(EMULATOR),--emulator $(EMULATOR))

chaos: setup-test  ## kill everything at every point (long)
	@FRACTION_CHAOS=full $(BIN)/python -m pytest -q tests/chaos tests/browser/test_first_minute.py

screenshots: setup-test  ## pictures of every page, light, dark and on a phone, into out/screenshots
	@$(BIN)/python -m tests.browser.gallery out/screenshots

up: setup  ## keep it running, with a live page
	@$(BIN)/fraction up

clean:  ## remove what was installed and made; your data in .fraction stays
	rm -rf .venv node_modules build dist out .pytest_cache .ruff_cache .import_linter_cache .hypothesis
