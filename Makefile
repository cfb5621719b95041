# make run   starts the app; make test runs all tests. Both install what is missing first.
#
#   PORT=8600              the port of the app (otherwise Streamlit's 8501, or the next free one)
#   OPTIONS="..."          more options for `streamlit run`
#   ARGS="..."             more arguments for pytest, such as ARGS="tests/test_setup.py -x"
#   JOBS=4                 how many tests run side by side (otherwise 2); ARGS=-n0 for a debugger
#   PYTHON=/path/to/python the Python that .venv is made with

VENV := .venv
IN_VENV := $(VENV)/bin/python
PIP := $(IN_VENV) -m pip --disable-pip-version-check --no-input
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test lint types format clean

help:
	@sed -n '/^$$/q; s/^# \{0,1\}//p' Makefile
	@echo "Also: make lint, make types, make format, make clean"

run: $(VENV)/.app-ready
	@echo "Starting rnnviz; the address to open follows. Ctrl-C stops it."
	@$(IN_VENV) -m streamlit run app.py $(if $(PORT),--server.port $(PORT)) $(OPTIONS)

test: $(VENV)/.tests-ready
	@$(IN_VENV) -m tools.chromium >/dev/null
	$(IN_VENV) -m pytest --numprocesses $(JOBS) $(ARGS)

lint: $(VENV)/.tests-ready
	$(IN_VENV) -m ruff check
	$(IN_VENV) -m ruff format --check

types: $(VENV)/.tests-ready
	$(IN_VENV) -m pyright

format: $(VENV)/.tests-ready
	$(IN_VENV) -m ruff check --fix
	$(IN_VENV) -m ruff format

clean:
	rm -rf $(VENV) build dist *.egg-info test-artifacts .pytest_cache .ruff_cache

# Each stamp is as young as the last installation from the files it depends on.

$(VENV)/.requirements-ready: requirements.txt tools/venv.sh
	@PYTHON="$(PYTHON)" sh tools/venv.sh $(VENV)
	@echo "Installing what rnnviz needs; the first time this takes some minutes."
	$(PIP) install --requirement requirements.txt
	@touch $@

# Editable and without build isolation: the command `rnnviz` follows every change, and nothing
# but what is installed already is needed.
$(VENV)/.app-ready: $(VENV)/.requirements-ready pyproject.toml setup.py
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tests-ready: $(VENV)/.app-ready requirements-dev.txt
	$(PIP) install --requirement requirements-dev.txt
	@touch $@
