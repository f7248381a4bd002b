# The project's commands; `make help` lists them. Each can be run at any time and any number of
# times, without an activated environment.

SHELL := /bin/sh
# Without bytecode of the packages, each command takes two seconds more to start.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin
INPUT ?=
ARGS ?=
COMPOSE := docker compose
WORKERS := -n 2

# The first of these names whose version the lock has wheels for. Each is started, not just looked
# up, since version managers leave stubs that do not run.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c "$(FITS)" 2>/dev/null && echo $$name && exit; done; echo python3)
endif

# A build that has nothing new to add is left out, but for FORCE=1.
IF_NEW := $(if $(filter-out 0,$(FORCE)),,--if-new)
IN_DBT := cd dbt_project && "$(abspath $(BIN))/dbt"
# Unit tests check the models' code, not the data; `make test` and a plain `dbt build` run them.
OF_DATA := --exclude-resource-type unit_test
LOAD := $(BIN)/python pipelines/consent_pipeline.py $(if $(INPUT),--input "$(INPUT)") $(ARGS)

# Whether a variable is given on make's command line. TOKEN may be something else in the environment.
given = $(filter command,$(firstword $(origin $(1))))

.PHONY: help run test test-all slow campaign load erase grant revoke dbt-build dbt-run dbt-test dbt-debug seed docs \
	show summary findings alerts dashboard report export screenshots \
	db-start db-stop db-status db-url psql lint format lock clean zip input bench build shell down \
	env env-dev deps

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: env deps ## load input/, build the models, print the metrics
	@code=0; $(LOAD) || code=$$?; \
	if [ $$code -gt 1 ]; then exit $$code; fi; \
	($(IN_DBT) --quiet build $(IF_NEW) $(OF_DATA)) && $(BIN)/python -m dashboard.summary || exit $$?; \
	if [ $$code -eq 1 ]; then \
		echo "Some files were refused (see above); the metrics cover the others." >&2; \
		exit 1; \
	fi

test: env-dev deps ## run the quick tests, on a separate Postgres
	@$(BIN)/python -m pytest $(WORKERS) -m "not slow and not browser and not campaign" $(ARGS)

test-all: env-dev deps ## run all tests, including the slow ones and those in a browser
	@$(BIN)/python -m pytest $(WORKERS) -m "not campaign" $(ARGS)

campaign: env-dev deps ## repeat the kills, overlaps and random deliveries, check the intervals
	@$(BIN)/python -m pytest $(WORKERS) -m campaign $(ARGS)

slow: env-dev deps # the tests that only test-all runs; pytest's code 5 (no tests) counts as success
	@code=0; $(BIN)/python -m pytest $(WORKERS) -m "(slow or browser) and not campaign" $(ARGS) || code=$$?; \
	[ $$code -eq 5 ] || exit $$code

load: env ## load the files (INPUT=folder, ARGS=--full-refresh)
	@$(LOAD)

erase: env ## erase a person for good (USER_ID=… or TOKEN=…, COMPANY=…, INPUT=folder or address)
	@$(BIN)/python -m pipelines.erase_person $(if $(call given,USER_ID),--user-id="$$USER_ID") \
		$(if $(call given,TOKEN),--token="$$TOKEN") $(if $(call given,COMPANY),--company="$$COMPANY") \
		$(if $(INPUT),--input "$(INPUT)")

grant: env ## let a role of the database see one company (COMPANY=… ROLE=…)
	@$(BIN)/python -m database grant --company="$(COMPANY)" --role="$(ROLE)"

revoke: env ## let that role see no company any more (ROLE=…)
	@$(BIN)/python -m database revoke --role="$(ROLE)"

dbt-build: env deps ## build seeds and models, test the data (FORCE=1: even if nothing is new)
	@$(IN_DBT) build $(IF_NEW) $(OF_DATA) $(ARGS)

dbt-run: env deps ## build seeds and models without tests
	@$(IN_DBT) build --exclude-resource-type test --exclude-resource-type unit_test $(ARGS)

dbt-test: env deps ## test the data and the models' code
	@$(IN_DBT) test $(ARGS)

dbt-debug: env deps ## check dbt's setup and connection
	@$(IN_DBT) debug $(ARGS)

seed: env deps ## load the small CSV tables of dbt_project/seeds
	@$(IN_DBT) seed $(ARGS)

docs: env deps ## write dbt's documentation as one HTML file
	@$(IN_DBT) --quiet docs generate --static && echo dbt_project/target/static_index.html

show: env ## open dlt's inspection page for the loaded tables
	@$(BIN)/dlt pipeline consent_pipeline show $(ARGS)

dashboard: env ## open the interactive page in the browser (ARGS="--port 8080 --headless")
	@$(BIN)/python -m dashboard $(ARGS)

report: env ## write the report as one HTML file (ARGS="--output FILE")
	@$(BIN)/python -m dashboard.report $(ARGS)

export: env ## write every mart as a file (FORMAT=parquet|csv|xlsx, OUTPUT=folder)
	@$(BIN)/python -m dashboard.export --format="$(FORMAT)" --output="$(OUTPUT)"

screenshots: env-dev ## take the README's screenshots, with Chromium or Chrome
	@$(BIN)/python -m dashboard.tools.screenshots $(ARGS)

summary: env ## print the metrics
	@$(BIN)/python -m dashboard.summary $(ARGS)

findings: env ## print what the data says about people and companies, with the evidence
	@$(BIN)/python -m dashboard.print_findings

alerts: env ## say which changes of consent chance does not explain (ARGS="--json --webhook URL"); code 3
	@$(BIN)/python -m alerts $(ARGS)

db-start: env ## start the embedded Postgres
	@$(BIN)/python -m database start

db-stop: env ## stop the embedded Postgres
	@$(BIN)/python -m database stop

db-status: env ## say whether Postgres runs, and where
	@$(BIN)/python -m database status

db-url: env ## print the database's address, including the password
	@$(BIN)/python -m database url

psql: env ## open psql on the database
	@$(BIN)/python -m database psql $(ARGS)

lint: env-dev deps ## check style, types and the import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy & types=$$!; code=0; \
	$(BIN)/lint-imports --no-logo --no-cache || code=1; \
	if [ -n "$$(find dbt_project/models -name '*.sql' 2>/dev/null | head -n 1)" ]; then \
		$(BIN)/python -m database run sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models \
		|| code=1; \
	fi; \
	wait $$types && exit $$code

format: env-dev ## format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

input: env ## generate input/ again (same seed, same bytes)
	@$(BIN)/python -m generator $(ARGS)

bench: env-dev ## time the load and the build, compared with COPY
	@$(BIN)/python -m benchmarks $(ARGS)

lock: env-dev ## resolve pyproject.toml into requirements*.txt again, with hashes
	@$(MAKE) --no-print-directory requirements-dev.txt.lock LOCK="--extra build --extra dev"
	@$(MAKE) --no-print-directory requirements.txt.lock LOCK="--extra build -c requirements-dev.txt"

%.lock:
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 $(LOCK) \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		pyproject.toml --output-file $(VENV)/$*
	@{ echo "# Made by 'make lock' from pyproject.toml; do not edit."; cat $(VENV)/$*; } > $*

zip: ## pack the project and input/, without generated files
	@$(PYTHON) .ci/archive.py dist/consent-pipeline.zip

clean: ## remove everything generated here, including the database
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m database stop || true; fi
	@rm -rf .data dist build *.egg-info dbt_project/target dbt_project/logs logs \
		.pytest_cache .hypothesis .mypy_cache .ruff_cache $(VENV) $(VENV).lock
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

build: ## with Docker: build and start Postgres and analytics-env
	@$(COMPOSE) up --build --detach --wait

shell: ## with Docker: open a shell in analytics-env
	@docker exec -it analytics-env bash

down: ## with Docker: stop both containers
	@$(COMPOSE) down

env:
	@$(PYTHON) .ci/environment.py $(VENV) requirements.txt

env-dev: env
	@$(PYTHON) .ci/environment.py $(VENV) requirements-dev.txt

deps: env
	@$(BIN)/python dbt_project/install_packages.py
