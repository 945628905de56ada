# Two commands do all the set-up: `make demo` and `make test`. Each makes what it needs of .venv by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JUPYTER_ENV = JUPYTER_PREFER_ENV_PATH=1

.PHONY: demo lab test check format bench shots binder clean
.NOTPARALLEL:

demo: $(VENV)/.ready-to-run
	$(BIN)/python tools/notebooks.py demo

lab: $(VENV)/.ready-to-run
	$(JUPYTER_ENV) $(BIN)/jupyter lab notebooks/01_quickstart.ipynb

test: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest
	$(BIN)/python tools/notebooks.py check

check: $(VENV)/.ready-to-test
	$(BIN)/ruff format --check imgmagic tests tools
	$(BIN)/ruff check imgmagic tests tools
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/vulture

format: $(VENV)/.ready-to-test
	$(BIN)/ruff format imgmagic tests tools
	$(BIN)/ruff check --fix imgmagic tests tools

bench: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.bench

shots: $(VENV)/.ready-to-test
	$(BIN)/python tools/shots.py

binder: $(VENV)/.ready-to-test
	$(BIN)/python -m tools.binder_check

clean:
	rm -rf $(VENV) build

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "imgmagic needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/.ready-to-run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[lab]"
	@touch $@

$(VENV)/.ready-to-test: pyproject.toml requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.ready-to-run
