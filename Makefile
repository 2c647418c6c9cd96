# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

venv := .venv
stamps := $(venv)/stamps
python := $(venv)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.* ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.* ## (.*)/  make \1|\2/' | column -t -s '|'

.PHONY: venv
venv: $(stamps)/test ## the virtual environment in .venv

$(python):
	base=$$(scripts/find-python 3.11); "$$base" -m venv --clear $(venv)

$(stamps)/test: tests/requirements.txt tests/unit/requirements.txt | $(python)
	$(python) -m pip install --quiet --upgrade -r tests/requirements.txt
	mkdir -p $(stamps) && touch $@

.PHONY: test-unit
test-unit: $(stamps)/test ## unit tests; more: make test-unit ARGS='-k listing -x'
	$(python) -m pytest tests/unit $(ARGS)
