# What a developer does here; `make` alone lists it. Needs GNU make and any Python 3 to start with.

PYTHON ?= $(shell command -v python3 || command -v python3.11 || command -v python)
BIN := .venv/bin
CODE := app ui resources tests packaging
SETUP := $(PYTHON) packaging/setup_environment.py
# The window needs a screen; macOS always has one.
HAS_DISPLAY := $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),yes)

VERSION = $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' pyproject.toml)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test check fix bench package wheel clean python setup setup-tests

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## Open Sawhorse with the starter model; without a display, take its tour and leave pictures in tour/
ifeq ($(HAS_DISPLAY),yes)
	$(BIN)/sawhorse --model starter
else
	@echo "No display: taking the tour off screen."
	$(BIN)/sawhorse tour --out tour
	@echo "The pictures are in $(CURDIR)/tour"
endif

test: check ## Check, then run every test: first app/ in a Python without Qt, then the window off screen
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -p tests.no_qt tests --ignore=tests/ui --ignore=tests/e2e
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/ui $(wildcard tests/e2e)

check: setup-tests ## Lint, formatting, types and import rules
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/mypy packaging/setup_environment.py tests/bench tests/hygiene.py tests/no_qt.py
	MYPYPATH=packaging/bundle:packaging/linux $(BIN)/mypy packaging/bundle/*.py packaging/linux/*.py
	$(BIN)/lint-imports

fix: setup-tests ## Apply what ruff can put right by itself
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: setup-tests ## Measure against the budgets; ONLY="decode stop" picks some, JSON=FILE keeps the figures
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.bench $(ONLY) $(if $(JSON),--json $(JSON))

package: python ## Build the packages for this system into dist/; STARTER=no leaves the starter model out
	$(PYTHON) packaging/bundle/build.py $(if $(filter no,$(STARTER)),--no-starter)
ifeq ($(shell uname),Linux)
	$(if $(shell command -v dpkg-deb),build/venv/bin/python packaging/linux/deb.py dist)
	build/venv/bin/python packaging/linux/single_file.py dist
else ifeq ($(shell uname),Darwin)
	packaging/macos/package.sh $(VERSION)
endif

wheel: setup-tests ## Build the source distribution and the wheel into dist/
	$(BIN)/python -m pip install --quiet build
	$(BIN)/python -m build --outdir dist

clean: ## Remove what the other targets made
	rm -rf .venv build dist tour *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

setup: python
	@$(SETUP) --extras starter

setup-tests: python
	@$(SETUP) --extras starter,test,check

python:
	@test -n "$(PYTHON)" || { echo "Sawhorse needs Python 3.11 or newer, and none was found. On Debian and Ubuntu: sudo apt-get install python3 python3-venv" >&2; exit 1; }
