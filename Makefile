# `make` alone lists the targets. Everything is set up on first use and again only when its inputs
# change: a virtualenv in .venv, filled from the locks in requirements/ by ordinary pip.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Two runs of pip in one virtualenv would meet.
.NOTPARALLEL:

PYTHON ?= python3
# More for pytest, as in: make test PYTEST_ARGS='-k overlay -x'
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WITH_KUSTOMIZE := $(PYTHON) -m tools.with_kustomize

# Stamps carry a checksum of what they stand for, so that switching branches sets up again only when
# the contents differ.
digest = $(shell cat $(1) | cksum | tr ' ' -)
RUNTIME_LOCKS := requirements/runtime.txt requirements/build.txt
DEV_LOCKS := requirements/dev.txt
RUNTIME := $(VENV)/.runtime-$(call digest,$(RUNTIME_LOCKS))
DEV := $(VENV)/.dev-$(call digest,$(DEV_LOCKS))
PROJECT := $(VENV)/.project-$(call digest,pyproject.toml)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- set-up -----------------------------------------------------------------------------------

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "error: '$(PYTHON)' is not on PATH:" \
	  "install Python 3.11 or later, or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import platform, sys; sys.version_info >= (3, 11) or sys.exit("error: \
	$(PYTHON) is Python " + platform.python_version() + ", but celery-kustomize needs 3.11 or later: \
	name another, as in: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): | $(BIN)/python
	$(PIP) --require-hashes $(RUNTIME_LOCKS:%=-r %)
	@rm -f $(VENV)/.runtime-* && touch $@

$(DEV): | $(BIN)/python
	$(PIP) --require-hashes $(DEV_LOCKS:%=-r %)
	@rm -f $(VENV)/.dev-* $(VENV)/.runtime-* && touch $@ $(RUNTIME)

# Either set-up comes first: the build backend is in both locks.
$(PROJECT): | $(RUNTIME)
	$(PIP) --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.project-* && touch $@

.PHONY: setup setup-runtime
setup: | $(DEV) $(PROJECT) ## the virtualenv with all that development needs
setup-runtime: | $(RUNTIME) $(PROJECT)

.PHONY: kustomize
kustomize: ## find the kustomize program, or build it with Go; print where it is
	@$(WITH_KUSTOMIZE)

# --- use --------------------------------------------------------------------------------------

.PHONY: demo
demo: setup-runtime ## render examples/shop into build/demo, build it, and say what came out
	@$(WITH_KUSTOMIZE) $(BIN)/python tools/demo.py

.PHONY: render
render: setup-runtime ## render examples/shop into the top-level base/ and overlays/
	$(WITH_KUSTOMIZE) $(BIN)/celery-kustomize render examples/shop -o . --flat

# --- checks -----------------------------------------------------------------------------------

.PHONY: test
test: setup ## the tests (real components, tests/e2e, and benchmarks, tests/bench, apart)
	$(WITH_KUSTOMIZE) $(BIN)/python -m pytest -n 2 --durations=15 --durations-min=0.5 \
	  --ignore=tests/e2e --ignore=tests/bench $(PYTEST_ARGS)

# Sizes and more by BENCH_ARGS='--applications 250'.
BENCH_ARGS ?=

.PHONY: bench
bench: setup ## time and memory of render, and whether both stay linear (a few minutes)
	$(BIN)/python tests/bench/bench_scale.py $(BENCH_ARGS)

MINUTES ?= 10

.PHONY: law
law: setup ## try the law of overlays on new specs for MINUTES=10; print the number of cases
	$(WITH_KUSTOMIZE) $(BIN)/python -m tests.equivalence --minutes $(MINUTES)

.PHONY: lint
lint: setup ## style of Python and YAML: ruff, yamllint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/yamllint --strict .

.PHONY: types
types: setup ## mypy, strict
	$(BIN)/mypy

.PHONY: contracts
contracts: setup ## the layers, by import-linter
	$(BIN)/lint-imports

.PHONY: check
check: lint types contracts test ## all checks, one after the other

# --- a real cluster ----------------------------------------------------------------------------
# Linux and root; CONTRIBUTING.md says more.

.PHONY: e2e-packages e2e-tools images
e2e-packages: ## install Debian's packages that the cluster needs (apt-get)
	@$(PYTHON) -m tests.e2e.packages

e2e-tools: ## build the cluster's programs, once (Go; 20 minutes on two cores)
	@$(PYTHON) -m tests.e2e.tools

images: ## build the images of the tests, once, and give them to a running cluster
	@$(PYTHON) -m tests.e2e.images

.PHONY: cluster-up cluster-down cluster-status
cluster-up: ## start a Kubernetes of one node on this machine; print its KUBECONFIG
	@$(PYTHON) -m tests.e2e.cluster up

cluster-down: ## end it and all that it left
	@$(PYTHON) -m tests.e2e.cluster down

cluster-status: ## say which of its components are ready
	@$(PYTHON) -m tests.e2e.cluster status

.PHONY: e2e
e2e: setup ## the tests on a real cluster; on another with KUBECONFIG=FILE on the command line
	@[ '$(origin KUBECONFIG)' = 'command line' ] || \
	  $(MAKE) --no-print-directory e2e-packages e2e-tools images
	$(WITH_KUSTOMIZE) $(BIN)/python -m pytest --durations=20 --durations-min=1 tests/e2e \
	  $(if $(filter command,$(origin KUBECONFIG)),--kubeconfig=$(KUBECONFIG)) $(PYTEST_ARGS)

# --- upkeep -----------------------------------------------------------------------------------

.PHONY: format
format: setup ## let ruff rewrite what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: golden
golden: setup ## write the golden files anew from what the generator makes now
	$(WITH_KUSTOMIZE) $(BIN)/python -m pytest -n 2 tests/golden --update-golden $(PYTEST_ARGS)

.PHONY: docs
docs: setup ## write what is made from the code: reference, JSON Schema, plugin.yaml
	$(BIN)/python -m tools.reference

# The lock files hold versions and hashes but no index address: pip's own settings decide where
# packages come from. Present pins are kept; LOCK_ARGS=--upgrade renews them all, and
# LOCK_ARGS='--upgrade-package click' one. uv itself is locked in requirements/lock.txt.
LOCK_ARGS ?=
LOCK_VENV := build/lock-venv
COMPILE = UV_CUSTOM_COMPILE_COMMAND='make lock' $(LOCK_VENV)/bin/uv pip compile --quiet \
  --universal --python-version 3.11 --generate-hashes --no-emit-index-url $(LOCK_ARGS)

# The images of the tests and of an example; the shop's has that with Celery 5.5 under it.
TASKS := tests/e2e/images/apps/tasks/requirements
APPLICATIONS := $(TASKS)/celery-5.3 $(TASKS)/celery-5.5 $(TASKS)/celery-5.7 \
  tests/e2e/images/apps/shop/requirements examples/ibm-cloud/app/requirements

.PHONY: lock
lock: ## lock the dependencies of pyproject.toml anew (LOCK_ARGS=--upgrade for newer versions)
	$(PYTHON) -m venv $(LOCK_VENV)
	$(LOCK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r requirements/lock.txt
	$(COMPILE) --output-file requirements/runtime.txt pyproject.toml
	$(COMPILE) --output-file requirements/build.txt --group build
	$(COMPILE) --output-file requirements/dev.txt pyproject.toml --group dev \
	  --constraint requirements/runtime.txt --constraint requirements/build.txt
	$(COMPILE) --output-file requirements/lock.txt --group lock
	for name in $(APPLICATIONS); do $(COMPILE) --output-file $$name.txt $$name.in || exit 1; done

.PHONY: clean
clean: ## remove the virtualenv, the caches and what was built here (not the built kustomize)
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find generator tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
