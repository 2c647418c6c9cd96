# Copyright (c) 2026, webdeploy.ftp contributors
# SPDX-License-Identifier: GPL-3.0-or-later

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

venv := .venv
python := $(venv)/bin/python
# Tests mostly wait for servers, so more of them than cores; `parallel=` runs one after the other.
parallel := -n 4 --dist worksteal
stamps := $(venv)/stamps
fuzz_seconds := 600
every := 1
notes := build/reliability
covered := '*/ftpsync/ftp/*,*/ftpsync/records/*,*/ftpsync/apply/*,*/ftpsync/plan.py'
kind := vsftpd
tree := collections/ansible_collections/webdeploy/ftp
oldest := 3.8

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_QUIET := 1
export PATH := $(CURDIR)/$(venv)/bin:$(PATH)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(stamps)/ansible ## deploy a small website, change it, break it, repair it: with an FTP server of its own
	$(python) examples/demo/run.py

.PHONY: host
host: $(stamps)/test ## a web host to try things on, vsftpd and nginx, until Ctrl-C; kind=pyftpdlib is another one
	$(python) -m tests.servers start $(kind) --tls explicit --host build/host.yml

# Sanity tests mostly keep one core busy, so they run beside the parts that do, too.
.PHONY: test
test: $(stamps)/test $(stamps)/lint $(stamps)/peers $(tree) ## every test there is; a part that fails keeps none of the others from running
	@mkdir -p .cache; failed=(); \
	$(MAKE) --no-print-directory test-sanity >.cache/sanity.log 2>&1 & sanity=$$!; \
	for part in lint docs test-python; do \
	    $(MAKE) --no-print-directory $$part || failed+=($$part); \
	done; \
	wait $$sanity || failed+=(test-sanity); \
	cat .cache/sanity.log; \
	$(MAKE) --no-print-directory test-all || failed+=(test-all); \
	if [ $${#failed[@]} -gt 0 ]; then echo "make test: failed: $${failed[*]}" >&2; exit 1; fi

# What failed beside other tests is tried once more, alone: time limits of servers run out on a busy machine. Both
# results are shown, and a test that fails twice, or the sixth of many, has failed.
.PHONY: test-all
test-all: $(stamps)/test $(stamps)/peers $(tree)
	$(python) -m pytest --cache-clear $(parallel) $(ARGS) || { ended=$$?; [ $$ended -eq 1 ] || exit $$ended; \
	    echo "make test: these failed beside others, and are tried once more, alone:"; \
	    $(python) -m pytest --last-failed --last-failed-no-failures none --maxfail 5; }

.PHONY: test-unit
test-unit: $(stamps)/test ## unit tests; some of them: make test-unit ARGS='-k listing -x'
	$(python) -m pytest tests/unit $(ARGS)

.PHONY: test-engine
test-engine: $(stamps)/test ## the engine without Ansible, against FTP servers
	$(python) -m pytest tests/engine $(parallel) $(ARGS)

.PHONY: test-compat
test-compat: $(stamps)/test $(stamps)/peers ## beside real releases of pyftpsync, on the same folders and servers
	$(python) -m pytest tests/compat $(parallel) $(ARGS)

.PHONY: test-cli
test-cli: $(stamps)/test ## the command line, on pipes and in a pseudo-terminal
	$(python) -m pytest tests/cli $(parallel) $(ARGS)

.PHONY: test-integration
test-integration: $(stamps)/test $(tree) ## through ansible-playbook, against vsftpd, ProFTPD, Pure-FTPd and pyftpdlib
	$(python) -m pytest tests/integration $(parallel) $(ARGS)

.PHONY: test-reliability
test-reliability: $(stamps)/test ## lost connections, killed runs, hostile servers and races: the sample that is in make test
	$(python) -m pytest tests/engine/test_*_matrix.py tests/engine/test_two_sided_drops.py tests/engine/test_hostile_server.py \
	    tests/engine/test_interruption.py tests/reliability $(parallel) --junitxml .cache/reliability.xml $(ARGS)
	$(python) -m tests.reliability sample .cache/reliability.xml

.PHONY: test-docs
test-docs: $(stamps)/test $(tree) ## what README and guide tell readers to type, against FTP servers
	$(python) -m pytest tests/docs $(parallel) $(ARGS)

.PHONY: test-package
test-package: $(stamps)/test ## the engine as a pip package, the collection as a tarball
	$(python) -m pytest tests/package $(ARGS)

.PHONY: bench
bench: $(stamps)/test $(stamps)/peers ## how fast we are beside lftp, rclone, pyftpsync and curl: needs root, gcc and these; BENCH=--quick
	$(python) -m benchmarks $(BENCH)

.PHONY: bench-accounts
bench-accounts: $(stamps)/test $(tree) ## how long the deploy playbook takes for how many accounts: needs root
	$(python) -m benchmarks.accounts

.PHONY: bench-trees
bench-trees: $(stamps)/test ## what a run without changes costs with 1,000 to 100,000 files: needs root and gcc
	$(python) -m benchmarks.trees

.PHONY: fuzz
fuzz: $(stamps)/fuzz ## look for input that confuses a parser: fuzz_seconds=3600 for each of them
	@scripts/fuzz $(fuzz_seconds)

.PHONY: matrix
matrix: $(stamps)/test ## lose connections and kill runs at every point: hours; every=10 for each tenth
	rm -rf $(notes)
	FULL_MATRIX=$(every) RELIABILITY_NOTES=$(notes) $(python) -m pytest --timeout 0 $(parallel) \
	    tests/engine/test_*_matrix.py tests/engine/test_two_sided_drops.py tests/engine/test_hostile_server.py
	FULL_MATRIX=$(every) $(python) -m tests.reliability matrix $(notes)

.PHONY: soak
soak: $(stamps)/test ## 200 random deployments with random faults for each of the four servers
	rm -rf $(notes)
	SOAK=200 RELIABILITY_NOTES=$(notes) $(python) -m pytest tests/reliability/test_soak.py --timeout 0 $(parallel)
	$(python) -m tests.reliability soak $(notes)

.PHONY: race
race: $(stamps)/test ## 100 races for the lock on each of the four servers
	rm -rf $(notes)
	RACE=100 RELIABILITY_NOTES=$(notes) $(python) -m pytest tests/reliability/test_race.py --timeout 0 $(parallel)
	$(python) -m tests.reliability race $(notes)

.PHONY: mutants
mutants: $(stamps)/test ## break safety measures one by one: tests have to notice each
	$(python) -m tests.reliability.mutants
	$(python) -m tests.reliability

.PHONY: coverage
coverage: $(stamps)/coverage ## which branches of ftp/, records/, apply/ and plan.py the tests take
	rm -f .coverage*
	$(python) -m coverage run -m pytest tests/unit/plugins/module_utils/ftpsync tests/engine tests/fuzz tests/reliability \
	    $(parallel) $(ARGS) || [ $$? -eq 1 ] # what fails is the business of make test
	$(python) -m coverage combine --quiet
	$(python) -m coverage json -o .coverage.json --include $(covered)
	$(python) -m coverage report --include $(covered)
	$(python) -m tests.reliability coverage .coverage.json

.PHONY: reliability
reliability: $(stamps)/test ## write docs/reliability.md anew, from what the five above have found and from the code
	$(python) -m tests.reliability

.PHONY: test-molecule
test-molecule: $(stamps)/molecule $(stamps)/test $(tree) ## the role by Molecule: vsftpd and nginx as a web host
	ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/collections molecule test --all $(ARGS)

.PHONY: test-python
test-python: ## the engine's unit tests on the oldest Python of managed hosts, if this machine has it
	@if scripts/find-python $(oldest) $(oldest) >/dev/null 2>&1; then \
	    $(MAKE) --no-print-directory test-on-oldest; \
	else \
	    echo "test-python: skipped, this machine has no Python $(oldest)"; \
	fi

.PHONY: test-on-oldest
test-on-oldest: $(stamps)/$(oldest)
	$(venv)/$(oldest)/bin/python -m pytest tests/unit/plugins/module_utils/ftpsync $(ARGS)

.PHONY: test-sanity
test-sanity: $(stamps)/test $(stamps)/lint ## ansible-test sanity, on every Python this machine has
	scripts/ansible-test sanity --local

.PHONY: judges
judges: $(stamps)/matrix ## sanity, units, integration and installation on each ansible-core; a part: make judges ARGS='-t 2.18'
	nox $(ARGS)

.PHONY: lint
lint: $(stamps)/test $(stamps)/lint $(tree) ## ruff, mypy, yamllint, ansible-lint, shellcheck, changelog, docs, licences
	scripts/lint

.PHONY: format
format: $(stamps)/lint ## bring Python code into shape
	ruff check --fix .
	ruff format .

.PHONY: build
build: $(stamps)/ansible ## the collection as a tarball, in dist/
	scripts/build dist

.PHONY: docs
docs: $(stamps)/docs $(tree) ## the documentation as a site, in dist/docs/
	scripts/docs dist/docs

.PHONY: release
release: $(stamps)/ansible $(stamps)/lint ## version, changelog, tarball and checksum, nothing of it public: make release VERSION=1.2.0
	scripts/release.py $(VERSION)

.PHONY: pictures
pictures: $(stamps)/test $(tree) ## draw README's terminal and report anew, in docs/_static/
	$(python) -m tests.docs.pictures

.PHONY: venv
venv: $(stamps)/test $(stamps)/lint $(tree) ## the virtual environment in .venv, which every other target makes itself

.PHONY: clean
clean: ## remove what the other targets made in this folder
	rm -rf $(venv) .nox collections dist build *.egg-info .ansible .cache .coverage* htmlcov .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache docs/reference
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------ what they need

$(python):
	base=$$(scripts/find-python 3.11) && "$$base" -m venv --clear $(venv)
	mkdir -p $(stamps)

$(stamps)/ansible: tests/requirements.txt | $(python)
	@echo "Installing Ansible and an FTP server into $(venv) ..."
	@$(python) -m pip install --upgrade -r $<
	@touch $@

$(stamps)/test: tests/unit/requirements.txt $(stamps)/ansible
	@echo "Installing what tests need into $(venv) ..."
	@$(python) -m pip install --upgrade -r $<
	@touch $@

$(stamps)/peers: scripts/peers $(wildcard tests/compat/requirements-*.txt) | $(python)
	@echo "Installing releases of pyftpsync to compare with ..."
	@scripts/peers
	@touch $@

$(stamps)/fuzz: tests/fuzz/requirements.txt $(stamps)/test
	@echo "Installing a fuzzer into $(venv) ..."
	@$(python) -m pip install --upgrade -r $<
	@touch $@

$(stamps)/coverage: tests/reliability/requirements.txt $(stamps)/test
	@echo "Installing what measures coverage into $(venv) ..."
	@$(python) -m pip install --upgrade -r $<
	@touch $@

$(stamps)/molecule: tests/molecule/requirements.txt | $(python)
	@echo "Installing Molecule into $(venv) ..."
	@$(python) -m pip install --upgrade -r $<
	@touch $@

$(stamps)/docs: docs/requirements.txt | $(python)
	@echo "Installing what the documentation is made with ..."
	@$(python) -m venv --clear $(venv)/docs
	@$(venv)/docs/bin/python -m pip install -r $<
	@touch $@

$(stamps)/matrix: tests/matrix/requirements.txt | $(python)
	@echo "Installing nox into $(venv) ..."
	@$(python) -m pip install --upgrade -r $<
	@touch $@

$(stamps)/lint: tests/lint/requirements.txt | $(python)
	@echo "Installing linters into $(venv) ..."
	@$(python) -m pip install --upgrade -r $<
	@touch $@

$(stamps)/$(oldest): tests/unit/requirements.txt | $(python)
	@echo "Installing what tests need on Python $(oldest) ..."
	base=$$(scripts/find-python $(oldest) $(oldest)) && "$$base" -m venv --clear $(venv)/$(oldest)
	@$(venv)/$(oldest)/bin/python -m pip install -r $<
	@touch $@

# The checkout under the path that Ansible's tools look for.
$(tree):
	mkdir -p $(@D)
	ln -sfn ../../.. $@
