SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := shared services/booking services/client_profile services/notification services/billing gateway deploy
STAMP := $(VENV)/.installed
BENCH_VENV := .venv-bench
BENCH_STAMP := $(BENCH_VENV)/.installed

.PHONY: help env run logs stop ops replay lint format test test-unit test-e2e faults bench streams lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

env: $(STAMP) ## make the Python environment in .venv

$(STAMP): deploy/requirements.lock $(addsuffix /pyproject.toml,$(PACKAGES))
	@$(PYTHON) -c 'import sys; sys.exit("ClinicOps needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
	  rm -rf $(VENV); test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); } || { \
	  echo "Python's venv is missing: sudo apt-get install python3-venv"; exit 1; }
	@echo "installing the pinned packages …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r deploy/requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps $(addprefix -e ./,$(PACKAGES))
	@touch $@

run: $(STAMP) ## the whole system with a demo day, on port 8000; ONCE=1 plays it on fresh data and exits
	@$(BIN)/python -m clinic_deploy $(if $(ONCE),once,run)

logs: ## follow the logs of what make run started
	@ls .local/run/log/*.log >/dev/null 2>&1 || { echo "nothing has run here yet: make run"; exit 1; }
	@tail -n 20 -F .local/run/log/*.log

stop: $(STAMP) ## stop what make run started
	@$(BIN)/python -m clinic_deploy stop

ops: $(STAMP) ## clinicops, signed in at what make run started: ARGS="status"
	@$(BIN)/python -m clinic_deploy ops $(ARGS)

replay: $(STAMP) ## hand a service of make run its events once more: SERVICE=billing FROM=start
	@$(BIN)/python -m clinic_deploy replay $(SERVICE) --from '$(FROM)'

lint: $(STAMP) ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@# One package at a time: each may have a tests/conftest.py, which are one module to mypy.
	@for package in $(PACKAGES) tests; do echo mypy $$package; $(BIN)/mypy $$package || exit 1; done
	$(BIN)/lint-imports

format: $(STAMP) ## let ruff lay out the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

test: $(STAMP) ## every test, on a private broker and database (or AMQP_URI and MONGO_URI)
	$(BIN)/python -m clinic_deploy test $(ARGS)

test-unit: $(STAMP) ## the tests that need neither
	$(BIN)/python -m pytest shared/tests/unit services/*/tests/unit gateway/tests/unit deploy/tests/unit tests/contract tests/architecture tests/load tests/faults/unit

test-e2e: $(STAMP) ## the whole system, and its console in a real browser; ARGS="-k schedule"
	$(BIN)/python -m clinic_deploy test tests/e2e -m 'not spoils' $(ARGS)
	$(BIN)/python -m clinic_deploy test tests/e2e/test_openapi.py $(ARGS)
	$(BIN)/python -m clinic_deploy test tests/e2e/test_other_locations.py $(ARGS)
	$(BIN)/python -m clinic_deploy test tests/browser $(ARGS)

$(BENCH_STAMP): deploy/requirements-bench.lock $(STAMP)
	@test -x $(BENCH_VENV)/bin/python || $(BIN)/python -m venv $(BENCH_VENV)
	@echo "installing what the baselines and plots need …"
	@$(BENCH_VENV)/bin/python -m pip install -q --disable-pip-version-check -r deploy/requirements-bench.lock
	@touch $@

bench: $(BENCH_STAMP) ## measure beside FastAPI and stock Nameko, 8 minutes; BENCH_QUICK=1: 90 seconds
	@PYTHONTZPATH= $(BIN)/python -m tests.load

streams: $(STAMP) ## 500 clients follow the events for STREAMS_SECONDS (300) while requests are measured
	@PYTHONTZPATH= $(BIN)/python -m tests.load.streams

faults: $(STAMP) ## kill everything under load for FAULTS_SECONDS (60), then compare; FAULTS_SEED repeats one
	@$(BIN)/python -m tests.faults

lock: $(STAMP) ## pin every version anew (needs uv)
	uv pip compile -q --no-emit-index-url --no-header --no-annotate --python-version 3.11 --universal \
	  --override <(echo "clinic-shared @ file://$(CURDIR)/shared") --no-emit-package clinic-shared \
	  deploy/requirements-dev.in $(addsuffix /pyproject.toml,$(PACKAGES)) -o deploy/requirements.lock
	uv pip compile -q --no-emit-index-url --no-header --no-annotate --python-version 3.11 --universal \
	  deploy/requirements-bench.in -o deploy/requirements-bench.lock

clean: ## stop, then remove the environment and all local data
	@test ! -f $(STAMP) || $(MAKE) -s stop
	rm -rf $(VENV) $(BENCH_VENV) .local .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
