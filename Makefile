# A thin front: what is more than a line lives in tools/. `make help` lists the targets.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
# Any Python >= 3.11; only used to create .venv.
PYTHON ?= python3
# Extra arguments for pytest: make test PYTEST_FLAGS="-k email -x"
export PYTEST_FLAGS

.PHONY: setup run test test-rasa bench frontend frontend-gates rasa cluster lint format lock settings clean help

setup: ## Create .venv with everything a developer needs
	@$(PYTHON) -m tools.bootstrap test

run: ## Build what changed, migrate, load the demo and start: http://127.0.0.1:8080
	@$(PYTHON) -m tools.serve

test: ## Every gate (ruff, mypy, import contracts, frontend), then every test
	@$(PYTHON) -m tools.check

test-rasa: rasa ## The tests that need Rasa (its own environment, slow)
	@.venv/bin/python -m pytest -m rasa

bench: setup ## The benchmarks
	@.venv/bin/python -m bench

frontend: ## Build the frontend if its sources changed
	@$(PYTHON) -m tools.frontend build

frontend-gates: ## Lint, type-check, test and weigh the frontend
	@$(PYTHON) -m tools.frontend gates

rasa: ## Create .venv-rasa, the bot's optional engine
	@$(PYTHON) -m tools.rasa

cluster: ## The scaled form on this machine: PostgreSQL, Redis, two web processes, a worker
	@$(PYTHON) -m tools.cluster

lint: ## The Python gates alone
	@$(PYTHON) -m tools.check lint

format: setup ## Let ruff format and mend what it can
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

lock: ## Write requirements/*.txt from pyproject.toml
	@$(PYTHON) -m tools.lock

settings: setup ## Write docs/settings.md, .env.example and docs/channels/README.md from the code
	@.venv/bin/python -m tools.settings
	@.venv/bin/python -m tools.channels

clean: ## Remove what was built (.venv and node_modules too; data/ stays)
	@rm -rf .venv .venv-rasa frontend/node_modules frontend/build frontend/app/.svelte-kit
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile
