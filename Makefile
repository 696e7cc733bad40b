# `make demo` shows the widgets, `make test` checks everything. Both need Python 3.11+ and make only.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
# Jupyter and other programs that a test starts must be the environment's own.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Processes run side by side: threads of matrix products would only wait for one another's cores.
# What depends on their number sets it itself.
export OPENBLAS_NUM_THREADS ?= 1

# One pytest run, so that its closing line counts every test. The longest come first, so that no
# process waits for another at the end.
TESTS := tests/browser tests/statistics tests/notebooks tests/docs tests/faults tests/cases \
	tests/parity tests/fuzz tests/unit ea_widgets
PYTEST := $(BIN)/python -m pytest --doctest-modules
PARALLEL := --numprocesses logical --maxprocesses 4 --no-loadscope-reorder

# JupyterLab refuses to run as root unless told, and prints its address where there is no screen.
LAB_FLAGS := $(if $(filter 0,$(shell id -u)),--allow-root)
LAB_FLAGS += $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),,--no-browser)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: help demo test test-all lint format unit parity statistics notebooks browser coverage test-lowest chromium bench bench-check fuzz soak kill supply screenshots picture docs clean

help:  ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed-demo  ## Open the quickstart notebook in JupyterLab
	$(BIN)/jupyter lab $(LAB_FLAGS) --ServerApp.root_dir='$(CURDIR)' \
		--LabApp.default_url=/lab/tree/notebooks/quickstart.ipynb

test: lint chromium  ## Format, lint, types, layers, then every test
	$(PYTEST) $(PARALLEL) $(TESTS)

test-all: lint chromium  ## The same with many more examples and seeds, for nights
	EA_TESTS=all $(PYTEST) $(PARALLEL) $(TESTS)

lint: $(VENV)/.installed-test  ## Format, lint, types and layers; changes nothing
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-test  ## Format the code and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

unit: $(VENV)/.installed-test  ## Unit tests and the examples in docstrings
	$(PYTEST) ea_widgets tests/unit

parity: $(VENV)/.installed-test  ## Comparisons with pycocotools and other oracles
	$(PYTEST) tests/parity

statistics: $(VENV)/.installed-test  ## Levels and coverage over many simulated data sets
	$(PYTEST) tests/statistics

notebooks: $(VENV)/.installed-test  ## Every notebook from top to bottom
	$(PYTEST) tests/notebooks

browser: chromium  ## Tests in a real JupyterLab page
	$(PYTEST) tests/browser

coverage: $(VENV)/.installed-test  ## Branch coverage of the unit and parity tests
	$(PYTEST) --cov --cov-report=term-missing:skip-covered ea_widgets tests/unit tests/parity

test-lowest: $(LOWEST)/.installed  ## Unit and parity tests at the lowest versions that are promised
	EA_TESTS=few $(LOWEST)/bin/python -m pytest -p no:cacheprovider $(PARALLEL) tests/unit tests/parity

chromium: $(VENV)/.installed-test  ## See to a Chromium for the browser tests
	$(BIN)/python -m tests.browser.chromium

bench: $(VENV)/.installed-test  ## Time every control beside hotcoco's AP, with its goal
	$(BIN)/python -m tests.benchmarks

fuzz: $(VENV)/.installed-test  ## Try 100,000 odd inputs (COUNT= SEED=); goes on where it stopped
	$(BIN)/python -m tests.fuzz --count $(or $(COUNT),100000) --seed $(or $(SEED),0)

soak: chromium  ## 10,000 moves, 200 pages, interrupts, 5 minutes in a browser (SOAK="--moves 200")
	$(BIN)/python -m tests.soak $(SOAK)

kill: $(VENV)/.installed-test  ## End runs 200 times by kill -9; what is kept is right
	EA_TESTS=all $(PYTEST) tests/unit/data/test_interrupted_runs.py -k any_moment

supply: $(VENV)/.installed-test  ## Build wheel and sdist twice, install them into empty environments
	$(BIN)/python -m tests.supply

bench-check: $(VENV)/.installed-test  ## The same; fails where a control is over its goal
	$(BIN)/python -m tests.benchmarks --check

screenshots: chromium  ## Photograph the notebooks in JupyterLab, into test-results/
	$(BIN)/python -m tests.screenshots

picture: chromium  ## Make the moving picture of the README, docs/click.webp
	$(BIN)/python -m tests.moving_picture

docs: $(VENV)/.installed-docs  ## Build the documentation into site/, without a network or a warning
	$(BIN)/python -m mkdocs build --strict

clean:  ## Remove the environment and everything that was generated
	rm -rf $(VENV) $(LOWEST) .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	rm -rf .coverage htmlcov test-results dist build site
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One pip call per set of extras, repeated only when the requirements change.
# The stamps live inside the environment, so that removing it removes them too.
$(VENV)/.installed-%: $(VENV)/pyvenv.cfg pyproject.toml
	@echo "Installing ea_widgets[$*] into $(VENV): takes minutes the first time"
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	@touch $@

$(LOWEST)/.installed: $(VENV)/pyvenv.cfg pyproject.toml tests/lowest.py
	$(BIN)/python -m venv --clear $(LOWEST)
	$(BIN)/python -m tests.lowest > $(LOWEST)/requirements.txt
	$(LOWEST)/bin/python -m pip install --quiet --requirement $(LOWEST)/requirements.txt
	$(LOWEST)/bin/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null 2>&1 \
		|| { echo "'$(PYTHON)' was not found. Install Python 3.11 or newer, or say where it is: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "ea_widgets needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Choose another: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
