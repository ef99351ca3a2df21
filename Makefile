# Two commands do all the set-up on a fresh machine: `make run` and `make test`.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT
PYTEST := $(BIN)/python -m pytest
# Two workers keep a small machine busy without starving the browser and the broker.
WORKERS ?= 2

##@ Use it

.PHONY: run
run: $(VENV)/.ready ## Start everything on one port (PORT=8000), on the embedded default
	@exec $(BIN)/liaise run

.PHONY: demo
demo: $(VENV)/.ready ## Fill a running trial with a few plausible feedbacks
	@$(BIN)/liaise demo

.PHONY: kafka
kafka: $(VENV)/.ready-dev ## Start a real Apache Kafka broker on 127.0.0.1:9092, without a container
	@exec $(BIN)/python -m tests.kafka

##@ Check it

.PHONY: test
test: lint types ## Everything this machine can test
	$(PYTEST) -n $(WORKERS) --dist loadgroup

.PHONY: unit contract journeys browser faults
unit: $(VENV)/.ready-dev ## Stories of each room, in seconds
	$(PYTEST) -n $(WORKERS) --dist loadgroup tests/unit tests/architecture
contract: $(VENV)/.ready-dev ## Events of every version, and both event logs by one test
	$(PYTEST) tests/contract
journeys: $(VENV)/.ready-dev ## The whole loop, in one process and as separate processes on real Kafka
	$(PYTEST) tests/journeys
browser: $(VENV)/.ready-dev ## The pages in a real Chromium, by keyboard, with axe
	$(PYTEST) tests/browser
faults: $(VENV)/.ready-dev ## kill -9 at every named point; nothing lost, nothing doubled
	$(PYTEST) tests/faults

.PHONY: lint
lint: $(VENV)/.ready-dev ## Style of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(VENV)/.ready-dev ## Types, strictly
	$(BIN)/mypy

.PHONY: bench
bench: $(VENV)/.ready-dev ## The intake's throughput as a ratio to a Flask no-op, in one run
	$(BIN)/python -m tests.load.bench

.PHONY: load
load: $(VENV)/.ready-dev ## People, clients and mails for a minute; thresholds decide; report in reports/load.html
	$(BIN)/python -m tests.load

.PHONY: compose-check
compose-check: $(VENV)/.ready-dev ## Bring docker-compose.yml up for real, once, and take it down
	deploy/compose-check.sh

##@ Work on it

.PHONY: format
format: $(VENV)/.ready-dev ## Put the code into its style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: docs
docs: $(VENV)/.ready-dev ## Write the merged OpenAPI document
	$(BIN)/liaise openapi > services/openapi.json

.PHONY: samples
samples: $(VENV)/.ready-dev ## Write the sample of every event version that has none yet
	$(BIN)/python -m tests.contract.make_samples

.PHONY: translations
translations: $(VENV)/.ready-dev ## Collect the texts to translate, and compile what is translated
	@mkdir -p build
	@for room in services/feedback services/notify services/chassis/ui; do \
		$(BIN)/pybabel -q extract -F pyproject.toml -k _ --no-location --sort-output -o build/messages.pot $$room && \
		$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-pot-creation-date --no-wrap -i build/messages.pot -d $$room/translations && \
		$(BIN)/pybabel -q compile -d $$room/translations || exit 1; \
	done

.PHONY: lock
lock: $(VENV)/.ready-dev ## Resolve the dependencies anew into the hashed locks
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --no-header --python-version 3.11 \
		pyproject.toml --group build -o requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --no-header --python-version 3.11 \
		-c requirements.lock pyproject.toml --group build --group dev -o requirements-dev.lock

.PHONY: clean
clean: ## Remove the environment and what tests leave; the data in ./var stays
	rm -rf $(VENV) build reports .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The embedded database is installed in a step of its own, by range: its author removes old releases from the index.
$(VENV)/.ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Liaise needs Python 3.11 or newer; install python3 first."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Liaise needs Python 3.11 or newer; $(PYTHON) is older. Name another: make run PYTHON=python3.12"; exit 1; }
	@[ -w . ] || { echo "This folder cannot be written; copy the project to one that can."; exit 1; }
	@[ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV) \
		|| { echo "Python cannot make an environment; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing what Liaise needs into $(VENV); this takes a minute, once."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --pre 'secantusdb>=0.7.0b3'
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	@echo "Installing what the tests need into $(VENV); once."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
