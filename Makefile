# Thin targets: what each does lies in the tool it calls.  ARGS is passed on, as in
#   make demo ARGS="--once"      make test ARGS="-k retention"
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help venv demo test check test-slow test-usb-guest bench docs revision lock

BIN := .venv/bin
# Three side by side on two cores: they wait more than they work.  tests/spreading.py says who gets what.
PYTEST := $(BIN)/pytest --numprocesses 3 --dist loadfile --durations=20

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

venv: ## prepare .venv with all that running and testing need (again: nothing to do)
	@scripts/venv

demo: venv ## dock sample cameras and watch footage become evidence, in var/demo
	@$(BIN)/evidock demo --home var/demo $(ARGS)

test: venv ## run the tests, but not the slow ones
	@scripts/system-packages
	@$(PYTEST) -m "not slow and not guest" $(ARGS)

check: venv ## run formatter, linters, types, import contracts and the architecture tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/architecture

test-slow: venv ## run the slow tests
	@scripts/system-packages
	@$(PYTEST) --numprocesses 4 --no-loadscope-reorder -m slow $(ARGS)

test-usb-guest: venv ## run the tests of USB cameras on a real kernel, in an emulated machine (docs/usb.md)
	@scripts/system-packages usb-guest
	@$(BIN)/pytest -m guest --durations=5 $(ARGS)

bench: venv ## measure us beside named peers, in turn, on this machine (docs/benchmarks.md)
	@scripts/system-packages
	@$(BIN)/python -m bench $(ARGS)

docs: venv ## print the generated pages of docs/ anew from the code
	@$(BIN)/python -m evidock.docs

revision: venv ## write the next revision of a database: make revision ARGS='catalogue "What it brings"'
	@PYTHONPATH=. $(BIN)/python scripts/revision.py $(ARGS)
	@$(BIN)/ruff check --quiet --fix --select F401,I */*/versions && $(BIN)/ruff format --quiet */*/versions

lock: venv ## choose dependencies anew: newest that fit pyproject.toml, at least three days old
	@scripts/lock
