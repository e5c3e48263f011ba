# Needs make and Python 3.11 or later; everything else goes into .venv.
# `make demo` shows the desk on a simulated market, `make test` runs the tests, `make docs` builds build/site/index.html.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Three more than there are cores: tests often wait for the processes that they started.
WORKERS = $(shell $(PYTHON) -c 'import os; print(len(os.sched_getaffinity(0)) + 3 if hasattr(os, "sched_getaffinity") else os.cpu_count() + 3)')

unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-install lint docs bench performance lock clean

demo: $(READY)
	@$(BIN)/deskmon demo

test: $(READY)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder

test-install: $(READY)
	$(BIN)/python -m pytest -m install

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY)
	$(BIN)/python -m tools.docs_site

bench: $(READY)
	@for what in ingest replay render startup keys; do echo "== $$what"; $(BIN)/deskmon bench $$what || missed=1; done; \
	exit $${missed:-0}

# Runs all benches and writes their table into docs/performance.md.
performance: $(READY)
	@$(BIN)/python -m benchmarks.performance

# Writes requirements.lock and constraints.txt anew. Versions stay where pyproject.toml allows them;
# `make lock UPGRADE=--upgrade` takes the newest.
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	build/lock/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --quiet $(UPGRADE) --output-file requirements.lock
	sed -n 's/^\([a-z].*[^ ]\) *\\$$/\1/p' requirements.lock >constraints.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "deskmon needs Python 3.11 or later and finds none on the PATH:" \
	"install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) can't make a virtual environment:" \
	"install its venv module (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "installing into $(VENV), once; this takes a minute"
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
