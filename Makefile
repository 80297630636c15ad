# `make serve` and `make test` need Python 3.11 or newer and nothing else that is installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# The gold data for `make bench`, `make quality` and the tests on scraped pages, which are left out without it.
DATELINE_EVAL ?=
export DATELINE_EVAL

.PHONY: serve test lint format search-box tables bench quality screenshot opensearch clean

serve: $(VENV)/.installed
	$(BIN)/dateline reindex samples --if-missing
	$(BIN)/dateline serve --port $(PORT)

# Slow tests, and those that measure time one by one, run in CI alone, or by `make test CI=1`.
test: $(VENV)/.installed-dev
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile -m "not timing$(if $(CI),, and not slow)"
	$(if $(CI),$(BIN)/pytest -m timing)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# After a change in api/search-box: what is served is built of it, and committed.
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

# A cluster of three nodes, to try the OpenSearch engine and for its tests; needs a JDK 11 or newer and Maven.
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
