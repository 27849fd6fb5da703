# Fraction: `make demo` shows everything, `make test` checks everything; both set up what they need first.
PY ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$python && exit; \
	done; command -v python3 || echo python3)
DEMO_ARGS ?=
PYTEST_ARGS ?= -q -n 2 --durations 20
INVARIANT_ARGS ?= --runs 1000 --depth 100
BIN := .venv/bin
# the venv's programs first; a node from a Python package last, where the system has none
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export OMP_WAIT_POLICY ?= PASSIVE
export HF_HUB_OFFLINE ?= 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check setup setup-test model artifacts contracts slither mutants bench exact-matrix chaos screenshots \
	up clean

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

artifacts: setup-test  ## compile the contracts into the committed artifacts, measure their gas
	@$(BIN)/python contracts/build.py
	@$(BIN)/python -m contracts.gas

contracts: setup-test contracts/tools/node_modules  ## the contracts: artifacts, tests, coverage, gas, random actors
	@$(BIN)/python contracts/build.py --check
	@$(BIN)/python -m pytest -q tests/contracts -n 2
	@$(BIN)/python -m contracts.coverage -n 2
	@$(BIN)/python -m contracts.gas --check
	@$(BIN)/python -m contracts.invariants $(INVARIANT_ARGS)

contracts/tools/node_modules: contracts/tools/package-lock.json
	@npm ci --prefix contracts/tools --no-audit --no-fund
	@touch $@

slither: setup-test .venv-slither/bin/slither  ## analyse the contracts; every finding must have its reason
	@$(BIN)/python -m contracts.slither

.venv-slither/bin/slither:
	@$(PY) -m venv .venv-slither
	@.venv-slither/bin/pip install -q slither-analyzer==0.11.6

mutants: setup-test  ## small faults in the escrow and the vault that no test notices (long)
	@$(BIN)/python -m contracts.mutants --page docs/mutants.md

bench: setup-test  ## measure what the notes claim
	@$(BIN)/python -m bench

exact-matrix: setup-test  ## one digest of an exact training under every setting (minutes; EMULATOR=qemu-x86_64-static: more)
	@PYTHONPATH=src:. $(BIN)/python scripts/exact_matrix.py $(if $(EMULATOR),--emulator $(EMULATOR))

chaos: setup-test contracts/tools/node_modules  ## kill everything at every point, act at random for long
	@FRACTION_CHAOS=full $(BIN)/python -m pytest -q tests/chaos tests/browser/test_first_minute.py
	@$(BIN)/python -m contracts.invariants --runs 5000 --depth 200

screenshots: setup-test  ## pictures of every page, light, dark and on a phone, into out/screenshots
	@$(BIN)/python -m tests.browser.gallery out/screenshots

up: setup  ## keep it running, with a live page
	@$(BIN)/fraction up

clean:  ## remove what was installed and made; your data in .fraction stays
	rm -rf .venv .venv-slither node_modules contracts/tools/node_modules contracts/out contracts/cache build dist out .pytest_cache .ruff_cache .import_linter_cache .hypothesis
