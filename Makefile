# Everything a person runs. Needs Python 3.11 or newer, make and git; no Docker.
#
#   PYTHON=3.12         another Python for the environment: 3.11, 3.12 or 3.13
#   OUTCOMES_HOME=dir   where the data and the releases live; ./home if not set
#   AIRFLOW_PORT=9000   another port for `make up`

SHELL := /bin/bash
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
UV := .tools/bin/uv
AIRFLOW_PORT ?= 8080
OUTCOMES_HOME ?= home
override OUTCOMES_HOME := $(abspath $(OUTCOMES_HOME))

include .env.defaults
export $(shell sed -n 's/^\([A-Z_]*\)=.*/\1/p' .env.defaults)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export OUTCOMES_HOME
export AIRFLOW_HOME := $(OUTCOMES_HOME)/airflow
export AIRFLOW__CORE__DAGS_FOLDER := $(CURDIR)/dags

# Named after the Python asked for, so that another PYTHON= installs again.
READY := .venv/.ready$(subst /,_,$(PYTHON))
DEMO_DAGS := ingest_outcomes transform_outcomes publish_outcomes
DEMO_LOG := $(AIRFLOW_HOME)/demo.log
SIMULATED := $(OUTCOMES_HOME)/simulated
SIMULATED_PATIENTS := 3000

.PHONY: help setup demo up test test-fast test-browser mutation benchmark lint docs clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## install the locked environment into .venv

# A database of its own: what these runs leave in Airflow must not start others.
demo: export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN = sqlite:///$(AIRFLOW_HOME)/demo.db
demo: $(READY) ## run a trial in Airflow, then a simulated service
	@outcomes source add examples/beat_the_blues
	@mkdir -p $(AIRFLOW_HOME)
	@airflow db migrate > $(DEMO_LOG) 2>&1 || { cat $(DEMO_LOG); exit 1; }
	@set -o pipefail; for dag in $(DEMO_DAGS); do \
	    echo "Airflow runs $$dag"; \
	    airflow dags test $$dag 2>&1 | tee -a $(DEMO_LOG) | awk \
	        '/starting task_id=/ {sub(/.*task_id=/, ""); print "  " $$1; fflush()}' \
	    || { tail -n 60 $(DEMO_LOG); echo "$$dag failed: docs/runbooks/$$dag.md"; exit 1; }; \
	done
	@outcomes releases
	@echo "A simulated service, nobody's records, in a home of its own: $(SIMULATED)"
	@test -d $(SIMULATED)/service || outcomes simulate --out $(SIMULATED)/service \
	    --patients $(SIMULATED_PATIENTS) --seed 1 --truth-patients 20000
	@outcomes source add $(SIMULATED)/service --home $(SIMULATED)
	@outcomes run --home $(SIMULATED)

up: $(READY) ## start Airflow on this machine with the schedules live
	@log=$$(airflow db migrate 2>&1) || { echo "$$log"; exit 1; }
	@log=$$(airflow pools set duckdb_writer 1 "DuckDB takes one writing process" 2>&1) \
	    || { echo "$$log"; exit 1; }
	@echo "Airflow: http://127.0.0.1:$(AIRFLOW_PORT) as admin, password in" \
	    "$(AIRFLOW_HOME)/simple_auth_manager_passwords.json.generated; Ctrl-C stops it"
	@AIRFLOW__API__HOST=127.0.0.1 AIRFLOW__API__PORT=$(AIRFLOW_PORT) \
	    AIRFLOW__API__BASE_URL=http://127.0.0.1:$(AIRFLOW_PORT) \
	    AIRFLOW__CORE__EXECUTION_API_SERVER_URL=http://127.0.0.1:$(AIRFLOW_PORT)/execution/ \
	    exec airflow standalone

test: $(READY) ## run every test that needs no browser
	pytest -n 2 --dist loadfile -m "not browser"

test-fast: $(READY) ## run the unit tests and the tests of the docs
	pytest -n 2 -m "not slow and not browser" tests/unit tests/docs

# Another place for Chromium: make test-browser OUTCOMES_CHROMIUM=/path/to/it
OUTCOMES_CHROMIUM ?= $(shell command -v chromium chromium-browser google-chrome | head -n 1)
test-browser: $(READY) ## test the page in Chromium
	@test -x "$(OUTCOMES_CHROMIUM)" || { \
	    echo "No Chromium found. On Debian: apt-get install chromium" >&2; exit 1; }
	@command -v npm > /dev/null || { \
	    echo "No npm found. On Debian: apt-get install npm" >&2; exit 1; }
	OUTCOMES_CHROMIUM="$(OUTCOMES_CHROMIUM)" pytest -m browser

mutation: $(READY) ## change the clinical SQL line by line; do tests notice?
	@cd tests && python -m mutation.run

benchmark: $(READY) ## time the models against plain SQL, a national year (long)
	@python -m benchmarks.run --home $(OUTCOMES_HOME)/benchmark --record

# Gives the intake 10,000 bad files and 200 bad deliveries; takes most of an hour.
.PHONY: fuzz
fuzz: $(READY)
	@python -m benchmarks.fuzz --folder $(OUTCOMES_HOME)/fuzz

# Takes hours; killed, it goes on where it stopped (docs/validation.md).
.PHONY: validate
validate: $(READY)
	@nice -n 19 outcomes simulate validate --keep --out $(OUTCOMES_HOME)/validation

# Half an hour on two cores: the life of a load, killed and shuffled.
.PHONY: loads
loads: $(READY)
	LOADS_KILLS=50 LOADS_EXAMPLES=1000 pytest -n 2 tests/loads

lint: $(READY) ## check the style of Python and SQL
	ruff check
	ruff format --check
	sqlfluff lint dbt_project

docs: $(READY) ## write the generated pages of docs/ again
	@outcomes docs

clean: ## remove what can be made again; never the home
	rm -rf .venv .tools .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV):
	@python3 -m venv .tools || { \
	    echo "Python has no venv module. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# Where pyenv is, its shims answer for another version only if they are told of it.
$(READY): $(UV) pyproject.toml uv.lock
	$(if $(PYTHON),PYENV_VERSION=$$(pyenv versions --bare 2> /dev/null | paste -sd : -)) \
	    $(UV) sync --frozen --compile-bytecode $(if $(PYTHON),--python $(PYTHON))
	@rm -f .venv/.ready*
	@touch $@
