# Everything here needs Python 3.11 or later, its pip and make, nothing else.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/python -m uv
UV_VERSION := 0.13.9
SOURCES := $(shell find src -name '*.py')
export UV_PYTHON := $(BIN)/python
export UV_COMPILE_BYTECODE := 1
export UV_NO_PROGRESS := 1
export UV_LINK_MODE := copy
# Python reads what it compiled before: without, every process of the tests compiles all anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test hunt check types style collected bench docs requirements clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "totalize needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# Two locks, one environment: `make test` adds to what `make run` installed.
$(VENV)/.run: $(VENV)/.uv requirements/run.txt pyproject.toml
	$(UV) pip install --quiet --require-hashes -r requirements/run.txt
	$(UV) pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	$(UV) pip install --quiet --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/.docs: $(VENV)/.run requirements/docs.txt
	$(UV) pip install --quiet --require-hashes -r requirements/docs.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.test requirements/bench.txt
	$(UV) pip install --quiet --require-hashes -r requirements/bench.txt
	@touch $@

# Programs that give second opinions on documents, fonts for letters in Japanese and Korean, and a
# browser.
# Tests that need one that cannot be brought are reported as skipped, never as passed.
PROGRAMS := softhsm2 poppler-utils qpdf fonts-ipaexfont-gothic fonts-nanum chromium
$(VENV)/.programs: $(VENV)/.uv
	@tools/bring-programs $(PROGRAMS)
	@touch $@

# An editable install compiles nothing. The loops that read rosters are compiled to machine code.
$(VENV)/.compiled: $(VENV)/.run $(SOURCES)
	@$(BIN)/python -m compileall -q src
	@$(BIN)/python -m totalize.rosters.prepare
	@touch $@

run: $(VENV)/.compiled ## set up and decide the example cases
	@$(BIN)/python examples/run.py

# The same order of tests and of sets each time: what fails is about the change. `make hunt` draws.
PYTEST := PYTHONHASHSEED=8 $(BIN)/python -m pytest --randomly-seed 8 -n 3 --dist worksteal -rs
ON_POSTGRESQL := tests/web --ignore tests/web/browser --ignore tests/web/test_serve.py \
    --ignore tests/web/test_api_description.py -p no:schemathesis

test: $(VENV)/.compiled $(VENV)/.test $(VENV)/.programs ## set up, check and pass all tests
	@$(MAKE) --no-print-directory --jobs=2 types style collected
	$(PYTEST)
	$(BIN)/python tools/with-postgresql env $(PYTEST) $(ON_POSTGRESQL)

hunt: $(VENV)/.compiled $(VENV)/.test ## look for luck: other examples, orders and hours each time
	$(BIN)/python tools/hunt

check: $(VENV)/.compiled $(VENV)/.test ## format, lint, types, arrows between rooms
	@$(MAKE) --no-print-directory --jobs=2 types style

types:
	$(BIN)/mypy

style:
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/yamllint --strict src tests examples docs
	$(BIN)/lint-imports --no-cache

# What every process of the tests reads first is compiled once, while the rest is checked.
collected:
	@$(BIN)/python -m pytest --collect-only >/dev/null || true

bench: $(VENV)/.compiled $(VENV)/.bench ## measure every performance claim
	@for script in bench/bench_*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.compiled $(VENV)/.docs ## build the documentation into docs/_build
	$(BIN)/python docs/generate.py
	$(BIN)/sphinx-build --quiet -W -b html docs docs/_build

# What `make run` needs: no test tools, no Java.
RUN_EXTRAS := --extra charts --extra documents --extra rosters --extra statements --extra web
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml

requirements: $(VENV)/.uv ## refresh the pinned requirements
	$(LOCK) $(RUN_EXTRAS) -o requirements/run.txt
	$(LOCK) --all-extras --group test --group check -c requirements/run.txt -o requirements/test.txt
	$(LOCK) $(RUN_EXTRAS) --group docs -c requirements/run.txt -o requirements/docs.txt
	$(LOCK) $(RUN_EXTRAS) --group bench -c requirements/run.txt -o requirements/bench.txt

clean: ## remove the environment and everything built
	rm -rf $(VENV) docs/_build docs/law build dist
