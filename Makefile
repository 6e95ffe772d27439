# The demos and the tests need Python 3.11 or newer, make and a package registry; all else is installed into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo demo-tencent test check check-deep format lint types schemas schemas-check docs docs-check bench clean

# Which Python to build .venv with; `make PYTHON=/opt/python3.13/bin/python3 test` chooses another.
PYTHON ?=
BIN := .venv/bin
STAMP := .venv/installed

help: ## Show what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## Tell the whole story against the simulator: plan, apply, drift
	@$(BIN)/python -m scripts.demo

demo-tencent: $(STAMP) ## The same story of a Tencent application
	@$(BIN)/python -m scripts.demo tencent

test: $(STAMP) ## Run the tests, as many at once as there are processors
	$(BIN)/pytest -n auto --maxprocesses=8

check: lint types schemas-check docs-check test ## Everything that must hold before a commit

# Many times the examples of each law, drawn anew in every run, all mutants of tests/mutants, and all crash points.
check-deep: lint types schemas-check docs-check $(STAMP) ## The same, with many more examples, all mutants, and all crash points
	HYPOTHESIS_PROFILE=deep $(BIN)/pytest -n auto --maxprocesses=8

format: $(STAMP) ## Lay out the code, and mend what ruff can mend
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

lint: $(STAMP)
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: $(STAMP)
	$(BIN)/mypy

schemas: $(STAMP) ## Rewrite schemas/, and completion's table of the commands
	$(BIN)/python scripts/schemas.py
	$(BIN)/python scripts/commands.py

schemas-check: $(STAMP)
	$(BIN)/python scripts/schemas.py --check
	$(BIN)/python scripts/commands.py --check

docs: $(STAMP) ## Rewrite the output shown in README.md and docs/, and build the site in build/site
	$(BIN)/python -m scripts.docs
	$(BIN)/python -m scripts.site

docs-check: $(STAMP)
	$(BIN)/python -m scripts.docs --check

bench: $(STAMP) ## Measure, and rewrite the table in benchmarks/README.md
	$(BIN)/python -m benchmarks.run

clean: ## Remove what make made
	rm -rf .venv benchmarks/.work build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Once, and again when the dependencies change. pip's words are kept for when it fails.
$(STAMP): pyproject.toml scripts/setup_venv.sh
	@PYTHON='$(PYTHON)' sh scripts/setup_venv.sh
