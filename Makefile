# `make serve` and `make test` need only Python 3.11 or newer; they install the rest into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Folder of the gold data for `make bench`, `make quality` and the tests on scraped pages. Without it, these tests are skipped.
DATELINE_EVAL ?=
export DATELINE_EVAL

.PHONY: serve test lint format search-box tables bench quality screenshot opensearch clean

# The samples are indexed only if there is no index yet at DATELINE_INDEX.
serve: $(VENV)/.installed
	$(BIN)/dateline reindex samples --if-missing
	$(BIN)/dateline serve --port $(PORT)

# Slow tests, and tests that measure how time grows, run in CI, or with `make test CI=1`. The latter run one by one.
test: $(VENV)/.installed-dev
	$(BIN)/pytest --numprocesses $(if $(CI),auto,3) --dist loadfile -m "not timing$(if $(CI),, and not slow)"
	$(if $(CI),$(BIN)/pytest -m timing)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Run this after a change in api/search-box, and commit the files that it builds.
search-box: $(VENV)/.installed-dev
	$(BIN)/python api/search-box/build.py

# The compiled tables of places, names and words, from their sources; index/tables/SOURCES.md lists both.
tables: $(VENV)/.installed-dev
	$(BIN)/python -m index.build_tables

bench: $(VENV)/.installed-dev
	$(BIN)/python bench/run.py

quality: $(VENV)/.installed-dev
	$(BIN)/python bench/quality.py --floors
	$(BIN)/python bench/relevance.py --floors

screenshot: $(VENV)/.installed-dev
	$(BIN)/python bench/screenshots.py

# Start a cluster of three nodes for the OpenSearch engine and its tests. This needs JDK 11 or newer and Maven.
opensearch:
	$(PYTHON) tests/opensearch/cluster.py

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Dateline needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) data .mypy_cache .ruff_cache .pytest_cache
