# What can be done here. `make` alone explains it.

PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
PYTEST := $(PY) -m pytest
LOCK   := $(VENV)/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 \
          --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
PIP    := $(PY) -m pip --disable-pip-version-check install --quiet --use-pep517 --require-hashes

# The stamps live inside .venv, so that removing it forgets them, and looking whether anything must be installed costs nothing.
RUNTIME := $(VENV)/.installed
DEV     := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Labelled comments; only those of this project are in it.
DATA   ?= training/data

.PHONY: help run test needs check unit pg e2e bench train evaluate format lock freeze upgrade assets translations clean

help: ## Say what can be done
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) ## Start Answerable with its demo on http://127.0.0.1:8000 (PORT=… for another port); Ctrl-C stops it
	@exec $(PY) bin/run

test: needs check unit pg e2e ## Run everything that must pass, on SQLite, on PostgreSQL and in a browser

needs: $(DEV) # Install what the tests need from the system
	@bin/test-needs

check: $(DEV) ## Check style, types, imports between stages, and templates
	@echo "== Style"
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@echo "== Types"
	@$(VENV)/bin/mypy app
	@echo "== Imports"
	@$(VENV)/bin/lint-imports --no-logo --no-cache
	@echo "== Templates"
	@$(VENV)/bin/djlint --lint --quiet app/templates

unit: $(DEV) ## Run the tests on SQLite (ARGS="-k words" for some of them)
	@echo "== Tests on SQLite"
	@env -u TEST_DATABASE_URL $(PYTEST) -n 2 --ignore=tests/browser $(ARGS)

pg: $(DEV) ## Run the tests that know a database on a PostgreSQL of their own
	@echo "== Tests on PostgreSQL"
	@$(PY) bin/with-postgres $(PYTEST) -n 2 --ignore=tests/browser $(ARGS)

e2e: $(DEV) ## Run the tests in a browser
	@echo "== Tests in a browser"
	@env -u TEST_DATABASE_URL $(PYTEST) tests/browser -n 2 --dist loadfile $(ARGS)

bench: $(DEV) ## Measure speed and size; prints the machine and the ratios
	@$(PY) -m bench $(ARGS)

train: $(DEV) ## Fit the analysis from labelled comments (DATA=folder), write its file and docs/model-card.md, print the figures
	@$(PY) -m training fit $(DATA)

evaluate: $(DEV) ## Measure the analysis by cross-validation on labelled comments (DATA=folder)
	@$(PY) -m training measure $(DATA)

format: $(DEV) ## Bring the Python code into the house style
	@$(VENV)/bin/ruff check --fix-only .
	@$(VENV)/bin/ruff format .

lock: $(DEV) ## Pin requirements.in and requirements-dev.in whole, with hashes
	@$(LOCK) requirements.in --output-file requirements.txt
	@$(LOCK) requirements-dev.in --constraints requirements.txt --output-file requirements-dev.txt
	@! grep -nE '://|^--?[a-z]|@ ' requirements.txt requirements-dev.txt || { echo "A lock names packages and hashes only."; exit 1; }

freeze: lock ## The same as lock

upgrade: LOCK += --upgrade
upgrade: lock ## Pin the newest versions that requirements.in allows

assets: ## Build static/ from assets/ (needs Node; what it builds is committed)
	@cd assets && npm ci --no-audit --no-fund && npm run build

# What residents meet is in all languages (translations/residents.toml says where that is), the rest in those of members.
EXTRACT := $(VENV)/bin/pybabel --quiet extract --keyword _l --keyword Said --keyword lazy_gettext --keyword lazy_ngettext:1,2 \
           --add-location file --sort-by-file --add-comments Translators: --project Answerable

translations: $(RUNTIME) ## Collect texts to translate, merge them into translations/ and compile
	@$(EXTRACT) --mapping-file pyproject.toml --output-file translations/messages.pot .
	@$(EXTRACT) --mapping-file translations/residents.toml --output-file translations/residents.pot .
	@for each in messages:zh_Hans_CN residents:es residents:ar; do \
	  texts=translations/$${each%%:*}.pot; locale=$${each##*:}; \
	  if test -f translations/$$locale/LC_MESSAGES/messages.po; then verb="update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date"; else verb=init; fi; \
	  $(VENV)/bin/pybabel --quiet $$verb --input-file $$texts --output-dir translations --locale $$locale; \
	done
	@$(VENV)/bin/pybabel compile --directory translations --statistics

clean: ## Remove what was built here; keeps .venv, and var/ with its data
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find app bench bin migrations tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(RUNTIME): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Answerable needs Python 3.11 or newer. Name one: make PYTHON=python3.12"; exit 1; }
	@test -x $(VENV)/bin/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned requirements into $(VENV)"
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	@echo "Installing what the tests need into $(VENV)"
	@$(PIP) -r requirements-dev.txt
	@touch $@
