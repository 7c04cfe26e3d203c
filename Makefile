# The targets are the steps of CI. Python 3.11 to 3.13 and make are all that is needed.
PYTHON ?= $(shell for v in 3.11 3.12 3.13; do command -v python$$v >/dev/null 2>&1 && python$$v -c 'import venv' 2>/dev/null && echo python$$v && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
BEAM := $(shell sed -n 's/^apache-beam==//p' constraints.txt)
PRISM := .cache/prism-$(BEAM)/prism

# make bench BENCH="evidence --rows 10000000": see python -m tests.bench --help
BENCH := all

.PHONY: demo test check cluster-test bench format clean

demo: $(VENV)/.demo
	$(BIN)/image-intent demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py

# Jobs on real servers: a Dask cluster, and Prism where Go can build it.
cluster-test: $(VENV)/.cluster $(PRISM)
	$(BIN)/python -m pytest -rs tests/cluster

bench: $(VENV)/.bench
	$(BIN)/python -m tests.bench $(BENCH)

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/.venv:
	$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11 to 3.13 is needed, found " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	touch $@

# Without torch: the demo uses the model that ships.
$(VENV)/.demo: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) --editable '.[demo]'
	touch $@

$(VENV)/.train: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) --editable '.[train]'
	touch $@

$(VENV)/.dev: $(VENV)/.train
	$(PIP) --editable '.[train,dev]'
	touch $@

$(VENV)/.cluster: $(VENV)/.dev
	$(PIP) --editable '.[train,dev,cluster]'
	touch $@

# Beam's portable engine, of the version of the SDK; without it its tests are skipped and say so.
$(PRISM):
	@if command -v go >/dev/null 2>&1; then \
		GOBIN=$(CURDIR)/$(dir $@) go install github.com/apache/beam/sdks/v2/go/cmd/prism@v$(BEAM) \
		|| echo "Prism could not be built" >&2; \
	else echo "no Go on this machine: Prism is not built" >&2; fi

$(VENV)/.bench: $(VENV)/.dev
	$(PIP) --editable '.[train,dev,bench]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
