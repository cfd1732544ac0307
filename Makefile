# Banyang Partners. `make` alone lists what there is.
# Python's console scripts are never called: their first line breaks when the path has a space.
PY := .venv/bin/python
MANAGE := $(PY) manage.py
COMPILE = $(PY) -m uv --no-config --quiet pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(NEWEST)
# What a server's environment looks like to the settings, for checks that contact no server.
PRODUCTION = DEBUG=false SITE_URL=https://check.example.org EMAIL_URL=submission://check.example.org \
	DATABASE_URL=postgres://check/check REDIS_URL=redis://check \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')

# Other days than those on which tests are written, in Shanghai: the last minutes of a year, a Spring
# Festival, a leap day late in the evening, and a night in a holiday when UTC still has the day before.
DAYS = "2026-12-31 23:30" "2027-02-06 09:00" "2028-02-29 20:30" "2027-10-03 02:00"
DAY ?= 2027-02-06 09:00
DAY_TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: help run test test-day test-days check fix lock upgrade bench local dev \
	lint floors format templates types translations migrations deployment

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: local ## start everything on this machine and print the address
	@exec $(MANAGE) serve --parent $$PPID

test: dev ## run every test
	@$(PY) -m pytest -n auto --dist loadgroup

test-day: dev ## run DAY_TESTS with the clock at DAY, without those that drive a browser or kill
	@.ci/day "$(DAY)" -n auto --dist loadgroup $(DAY_TESTS)

test-days: dev ## as test-day, on four days that differ from the day of writing
	@failed=0; for day in $(DAYS); do \
		.ci/day "$$day" -n auto --dist loadgroup $(DAY_TESTS) || failed=1; \
	done; exit $$failed

check: lint floors format templates types translations migrations deployment ## everything that needs no running

lint: dev
	$(PY) -m ruff check .
	git ls-files -z '*.py' | xargs -0 $(PY) -m django_upgrade --target-version 5.2 --check

floors: dev
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	$(PY) -m pytest -q tests/test_plan.py

format: dev
	$(PY) -m ruff format --check .

templates: dev
	$(PY) -m djlint templates --quiet --lint
	git ls-files -z templates | xargs -0 .venv/bin/djade --target-version 5.2 --check

types: dev
	$(PY) -m mypy

translations: dev
	$(MANAGE) translations --check

migrations: dev
	$(MANAGE) makemigrations --check --dry-run

deployment: dev
	$(PRODUCTION) $(MANAGE) check --deploy --fail-level WARNING

fix: dev ## correct and format what a machine can, list messages to translate
	git ls-files -z '*.py' | xargs -0 $(PY) -m django_upgrade --target-version 5.2 --exit-zero-even-if-changed
	git ls-files -z templates | xargs -0 .venv/bin/djade --target-version 5.2 || true
	$(PY) -m ruff check --fix --quiet .
	$(PY) -m ruff format --quiet .
	$(MANAGE) translations --update

lock: dev ## pin what pyproject.toml asks for, changing as little as possible
	$(COMPILE) --extra local --extra dev --output-file requirements-dev.lock
	$(COMPILE) --extra local --constraint requirements-dev.lock --output-file requirements-local.lock
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock

upgrade: dev ## as lock, to the newest versions allowed
	@$(MAKE) lock NEWEST=--upgrade

bench: dev ## measure speed; docs/benchmarks.md keeps the figures; QUICK=1 only sees that it runs
	@$(PY) -m tests.benchmarks $(if $(QUICK),--quick)

local:
	@sh .ci/environment local

dev:
	@sh .ci/environment dev
