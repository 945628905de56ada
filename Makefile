# Two commands do all the set-up: `make demo` and `make test`. Each makes what it needs of .venv by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JUPYTER_ENV = JUPYTER_PREFER_ENV_PATH=1
# Compiled modules are kept, whatever the shell says: each of hundreds of kernels would compile them again.
export PYTHONDONTWRITEBYTECODE =
# What an editable install copies instead of linking it: the front ends' extension.
COPIED = pyproject.toml imgmagic/notebook/static/labextension/package.json

.PHONY: demo lab test quick slow coverage hosts later lowest pythons newcomer check page format bench shots links docs binder clean
.NOTPARALLEL:

demo: $(VENV)/.ready-to-run
	$(BIN)/python -m tools.notebooks demo

lab: $(VENV)/.ready-to-run
	$(JUPYTER_ENV) $(BIN)/jupyter lab notebooks/01_quickstart.ipynb

# Quick layers first, so that a mistake in one shows soon. What shares a kernel or a page, a module, runs in one worker:
# by loadscope, as loadgroup does nothing with pytest 9.2 (pytest-xdist 3.8.0). A page that was too slow on a busy machine
# is tried again; what is wrong stays wrong.
PARALLEL = -n auto --dist loadscope

test: quick
	$(BIN)/python -m pytest -m "kernel and not slow" $(PARALLEL)
	$(BIN)/python -m pytest -m "browser and not slow and not host" $(PARALLEL) --reruns 2

quick: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest -m "not slow and not kernel and not browser" -n auto

# What takes minutes: many processes, every notebook and page of the docs, the second front end, further widths.
slow: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest -m "slow and not browser" $(PARALLEL)
	$(BIN)/python -m pytest -m "slow and browser and not host" $(PARALLEL) --reruns 2

# How much of the package runs without browsers, branch by branch; kernels count too.
coverage: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest -m "not slow and not kernel and not browser" -n auto --cov --cov-report=
	$(BIN)/python -m pytest -m "(slow or kernel) and not browser" $(PARALLEL) --cov --cov-append --cov-fail-under=95

# JupyterHub, marimo and Binder's own start, in a browser: before a release, as they take minutes.
hosts: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest tests/browser -m host $(PARALLEL)

# What reads a clock, with the wall clock 400 days ahead: each test that names a date, or takes what has one from
# tests/support. CLOCK names a library to preload that shifts the clock by CLOCK_SHIFT_S seconds.
# `make later READS_A_CLOCK="tests/unit tests/integration"` runs all but kernels and browsers so.
READS_A_CLOCK = $(shell grep -rlE --include='test_*.py' \
	'datetime|timedelta|time\.time\b|support\.(stored_runs|recorded_runs|swept|drawn)\b' tests/unit tests/integration)

later: $(VENV)/.ready-to-test
	LD_PRELOAD=$(CLOCK) CLOCK_SHIFT_S=34560000 $(BIN)/python -m pytest -m "not kernel and not browser" -n auto $(READS_A_CLOCK)

# The lowest versions that pyproject.toml allows, with the tests that meet each of them: before a release.
lowest: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.environments lowest

# The quick part on each supported Python that the machine has; it says which are missing.
pythons: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.environments pythons

# README's first screen, with the wheel alone in an environment of its own: it prints what a newcomer waits for.
newcomer: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.environments newcomer

check: $(VENV)/.ready-to-test
	$(BIN)/ruff format --check imgmagic tests tools
	$(BIN)/ruff check imgmagic tests tools
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/vulture
	$(BIN)/deptry imgmagic
	$(BIN)/python -m tools.measure
	$(BIN)/python -m tools.page check

page: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.page build

format: $(VENV)/.ready-to-test
	$(BIN)/ruff format imgmagic tests tools
	$(BIN)/ruff check --fix imgmagic tests tools

bench: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.bench

shots: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.shots

# README's badge, from the repository that pyproject.toml names.
links: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.links

# The site, in build/docs/html; warnings are errors, and nothing is fetched.
docs: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.docs

binder: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.binder_check

clean:
	rm -rf $(VENV) build

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "imgmagic needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/.ready-to-run: $(COPIED) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[lab]"
	@touch $@

$(VENV)/.ready-to-test: $(COPIED) requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.ready-to-run
