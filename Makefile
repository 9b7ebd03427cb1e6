# The whole workshop: every target sets up what it needs, on a machine with Python 3.11+, make and git.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
# xdist workers: the tests wait on real processes more than they compute.
JOBS   ?= 5
# A new process of the bot starts sooner when what was compiled is kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo play test lint types contracts check bench messages thorough chaos check-protocol mutants protocol-page reader lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.run: requirements/run.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

$(VENV)/.learn: requirements/learn.lock $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/learn.lock
	@touch $@

setup: $(VENV)/.dev ## make .venv with every pinned dependency

demo: $(VENV)/.run ## simulated Telegram, the bot and the page on http://127.0.0.1:8765
	$(BIN)/symptom-diary demo

play: $(VENV)/.run ## two patients from joining to the alert, in seconds, with a transcript
	$(BIN)/symptom-diary demo --play

test: setup lint types contracts ## everything that must be green before a change lands
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

check: $(VENV)/.run ## say what is wrong with the settings, the database and the token
	$(BIN)/symptom-diary check

messages: setup ## bring the catalogues up to the code and list what is to translate (LANGUAGE=fr begins one)
	$(BIN)/python -m tests.languages.messages $(LANGUAGE)

bench: setup ## timings, as ratios against a named peer in the same run
	$(BIN)/python -m benchmarks

thorough: setup lint types contracts ## all of `make test` and more of it: every database, 5,000 check-ins, 100,000 cases
	THOROUGH=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

chaos: setup ## kill -9 the bot 200 times and judge what is left (SEED=, KILLS=, DATABASE=)
	SEED=$(SEED) KILLS=$(KILLS) DATABASE=$(DATABASE) $(BIN)/python -m tests.chaos

check-protocol: setup ## a million answer sets made worse step by step, on every core (SEED=, SETS=)
	$(BIN)/python -m tests.triage.check_protocol --seed '$(SEED)' --sets $(or $(SETS),1000000)

mutants: setup ## break the rules a little, over and over, and say how often the tests notice (20 minutes)
	$(BIN)/python -m tests.triage.mutants

protocol-page: setup ## measure the protocol on invented patients and write docs/protocol.md anew
	$(BIN)/python -m tests.triage.protocol_page

reader: $(VENV)/.learn ## teach the reader of notes anew from tests/notes/corpus (FOLDS=3 measures it on left-out notes first; an hour)
	$(BIN)/python -m tests.notes.learn --folds '$(or $(FOLDS),3)'

lock: $(VENV)/.dev ## pin the newest dependencies that fit requirements/*.in
	cd requirements && ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate run.in -o run.lock
	cd requirements && ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -c run.lock run.in dev.in -o dev.lock
	cd requirements && ../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate -c dev.lock run.in dev.in learn.in -o learn.lock

clean: ## remove what the targets made
	rm -rf $(VENV) mutants .pytest_cache .mypy_cache .ruff_cache
