# Two commands matter: `make run` and `make test`. Both work on a fresh clone with python3, python3-venv and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-fast test-as-of check format bench documents lock

run: .venv
	$(BIN)/pulse5299 run $(ARGS)

# Everything; the coverage of the unit tests has a floor in pyproject.toml.
test: .venv
ifdef ARGS
	$(BIN)/pytest $(ARGS)
else
	$(BIN)/pytest -n 2 --cov --cov-report=term:skip-covered tests/unit
	$(BIN)/pytest -n 2 tests/property
	$(BIN)/pytest -n 2 --dist loadfile tests/browser tests/faults tests/integration
endif

# What reads a clock, as of the moments that differ: tests/support/as_of.py.
MOMENTS := working-morning sunday new-years-eve leap-day after-calendar
test-as-of: .venv
	set -e; for moment in $(MOMENTS); do $(BIN)/pytest -n 2 --dist loadfile -m time_sensitive --as-of $$moment $(ARGS); done

# Seconds, in parallel: the rules, without a store or a process.
test-fast: .venv
	$(BIN)/pytest -n auto tests/unit tests/property $(ARGS)

check: .venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv
	$(BIN)/python -m benchmarks $(ARGS)

# The documents that are made from the code.
documents: .venv
	$(BIN)/python -m services.cli.documents docs/

# The environment, from the hash-pinned lock; made anew when the lock changes.
.venv: .venv/.made
.venv/.made: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	touch $@

# What is tested, and from that what the image runs and what it is built with.
LOCK := $(BIN)/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links
lock: .venv
	$(LOCK) --extra dev pyproject.toml -o requirements.lock
	$(LOCK) -c requirements.lock pyproject.toml -o deploy/requirements.lock
	echo hatchling | $(LOCK) -c requirements.lock - -o deploy/build.lock
