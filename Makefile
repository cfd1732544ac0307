# Banyang Partners. `make` alone lists what there is.
# Console scripts are never called by name: their first line breaks when the path has a space.
PY := .venv/bin/python
MANAGE := $(PY) manage.py
COMPILE = $(PY) -m uv --no-config --quiet pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(NEWEST)
# What a server's environment looks like to the settings, for checks that contact no server.
PRODUCTION = DEBUG=false HTTPS=true DATABASE_URL=postgres://check/check REDIS_URL=redis://check \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')

.DEFAULT_GOAL := help
.PHONY: help run test check fix lock upgrade bench local dev

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: local ## start everything on this machine and print the address
	@$(MANAGE) translations
	@$(MANAGE) serve

test: dev ## run every test
	@$(PY) -m pytest

check: dev ## lint, formats, types, translations, migrations, deployment settings
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	git ls-files -z '*.py' | xargs -0 $(PY) -m django_upgrade --target-version 5.2 --check
	$(PY) -m djlint templates --quiet --lint
	$(PY) -m djlint templates --check
	$(MANAGE) translations --check
	$(PY) -m mypy
	$(MANAGE) makemigrations --check --dry-run
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

fix: dev ## format and correct what can be corrected by machine
	git ls-files -z '*.py' | xargs -0 $(PY) -m django_upgrade --target-version 5.2 --exit-zero-even-if-changed
	$(PY) -m ruff check --fix --quiet .
	$(PY) -m ruff format --quiet .
	$(PY) -m djlint templates --quiet --reformat || $(PY) -m djlint templates --check
	$(MANAGE) translations --update

lock: dev ## pin what pyproject.toml asks for, changing as little as possible
	$(COMPILE) --extra local --extra dev --output-file requirements-dev.lock
	$(COMPILE) --extra local --constraint requirements-dev.lock --output-file requirements-local.lock
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock

upgrade: dev ## as lock, to the newest versions allowed
	@$(MAKE) lock NEWEST=--upgrade

bench: dev ## measure speed; docs/benchmarks.md keeps the figures
	@$(PY) -m tests.benchmarks

local:
	@sh .ci/environment local

dev:
	@sh .ci/environment dev
