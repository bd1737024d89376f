# The two main commands: `make run` leads to a first verdict, `make test` runs all tests. Both install what they need.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# If make runs as root, PostgreSQL runs as another user, who cannot enter a checkout under /root.
DATA_DIR ?= $(if $(SUDO),$(CURDIR)/.purser,/var/lib/purser-demo)
LISTEN ?= 127.0.0.1:8080
VENV := .build-venv
PRICE_VENV := .build-price-venv
FOCUS_VENV := .build-focus-venv
PYTHON_VENV := .build-python
LITELLM_VENV := .build-python-litellm
PURSER := .build/release/purser
# One set of flags for every release build, so that nothing is built twice. Swift's standard library goes into the program,
# which then runs where no toolchain is, and modules are optimised across their boundaries: some 6 % of a call's processor
# time each. Overlapping access to one variable is checked by the compiler, and at run time in debug builds, in which all
# tests run: the release build does without that check, which costs another 7 %.
PREFIX ?= /usr/local
INSTALLED := $(DESTDIR)$(PREFIX)
COMMIT := $(shell git describe --always --dirty --exclude="*" 2>/dev/null)
RELEASE := PURSER_COMMIT=$(COMMIT) swift build -c release --static-swift-stdlib -Xswiftc -cross-module-optimization -Xswiftc -enforce-exclusivity=unchecked
CHAOS_RESTORES = python3 -B Tests/Chaos/restores.py --purser $(PURSER) $(if $(SEED),--seed $(SEED))
BENCH = python3 -B Benchmarks/Runner/bench.py --purser $(PURSER) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(ROUNDS),--rounds $(ROUNDS))
DEMO_ADMIN_TOKEN ?= demo-admin-token-for-this-machine-only

BUILD_PACKAGES := libpq-dev libcurl4-openssl-dev postgresql
TEST_PACKAGES := prometheus python3-venv openssl curl
SWIFT_SOURCES := Sources Tests Package.swift Benchmarks/Sources Benchmarks/Package.swift
TEST_JOBS := API[A-L] Ledger[A-L] API[^A-L] Ledger[^A-L] Postgres Accounting Finance Simulation Curl Alerts Pricing JSON Wording purser

.PHONY: help install run build build-release test static bare-debian test-prices test-focus test-python test-litellm lint format build-bench install-build install-test readme-example simulate pacing replay forecast-error chaos values rolling-restart upgrade year bench disturb bench-before bench-peers clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: build ## build for release, start Purser with a demo team, and print three curl lines to try
	@PURSER_LISTEN="$(LISTEN)" PURSER_DATA_DIR="$(DATA_DIR)" PURSER_ADMIN_TOKEN="$(DEMO_ADMIN_TOKEN)" scripts/demo.sh $(PURSER)

build: install-build
	@$(RELEASE) --product purser

# It builds nothing, so that root need not: `make build && sudo make install`.
install: ## install the program that was built, its data, completions and man pages: PREFIX=/usr/local DESTDIR=… PURSER=path/to/purser
	@[ -x $(PURSER) ] || { echo "There is no program at $(PURSER): run make build." >&2; exit 1; }
	@install -D -m 755 $(PURSER) $(INSTALLED)/bin/purser
	@rm -rf $(INSTALLED)/share/purser && install -d $(INSTALLED)/share/purser
	@cp -r migrations pricing reports $(INSTALLED)/share/purser/
	@install -D -m 644 docs/openapi.json $(INSTALLED)/share/purser/docs/openapi.json
	@install -d $(INSTALLED)/share/bash-completion/completions $(INSTALLED)/share/zsh/site-functions \
		$(INSTALLED)/share/fish/vendor_completions.d
	@$(PURSER) --generate-completion-script bash >$(INSTALLED)/share/bash-completion/completions/purser
	@$(PURSER) --generate-completion-script zsh >$(INSTALLED)/share/zsh/site-functions/_purser
	@$(PURSER) --generate-completion-script fish >$(INSTALLED)/share/fish/vendor_completions.d/purser.fish
	@$(PURSER) --experimental-dump-help | python3 -B scripts/manual.py $(INSTALLED)/share/man/man1

build-release: install-build ## build every release program that a check needs
	@$(RELEASE) --product purser
	@$(RELEASE) --product price-rating
	@$(RELEASE) --product simulate

# BESIDE=TARGET is made while the tests run, most of which wait.
test: install-build install-test ## install what tests need and run them all, against a real PostgreSQL
	@swift build --build-tests
	@$(if $(BESIDE),$(MAKE) $(BESIDE) & beside=$$!;) \
		status=0; \
		PURSER_TEST_PYTHON="$(CURDIR)/$(VENV)/bin/python" scripts/test.sh $(TEST_JOBS) || status=$$?; \
		$(if $(BESIDE),wait $$beside;) exit $$status

test-prices: install-build ## compare names, usages and costs of every model with litellm and genai-prices: USAGES=200 of each, EVERY=20 only some models
	@scripts/install.sh "$(SUDO)" python3-venv
	@[ -x $(PRICE_VENV)/bin/python ] || python3 -m venv $(PRICE_VENV)
	@$(PRICE_VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps -r Tests/Prices/requirements.txt
	@$(RELEASE) --product price-rating
	@$(PRICE_VENV)/bin/python -B Tests/Prices/compare.py --purser .build/release/price-rating \
		$(if $(USAGES),--usages $(USAGES)) $(if $(EVERY),--every $(EVERY)) $(if $(SEED),--seed $(SEED))
	@$(PRICE_VENV)/bin/python -B Tests/Prices/compare_book.py --purser .build/release/price-rating $(if $(EVERY),--every $(EVERY))
	@$(PRICE_VENV)/bin/python -B Tests/Prices/compare_names.py --purser .build/release/price-rating
	@$(PRICE_VENV)/bin/python -B Tests/Prices/compare_usage.py --purser .build/release/price-rating $(if $(SEED),--seed $(SEED))

# The validator, with what it needs, takes 645 MB.
test-focus: build ## judge a generated quarter of FOCUS files by the official validator (SHORT=1: some thousand rows), with 645 MB of Python packages
	@[ -x $(FOCUS_VENV)/bin/focus-validator ] || { python=$$(scripts/newer-python.sh "$(SUDO)") && $$python -m venv $(FOCUS_VENV) \
		&& $(FOCUS_VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/Focus/requirements.txt; }
	@$(FOCUS_VENV)/bin/python -B Tests/Focus/focus.py --purser $(PURSER) $(if $(SHORT),--short)

# The wheel is built and installed, so that what is tested is what is given to people.
test-python: build ## test the Python client, with the real SDKs of OpenAI and Anthropic and a provider that keeps its own log
	@scripts/install.sh "$(SUDO)" python3-venv
	@[ -x $(PYTHON_VENV)/bin/python ] || python3 -m venv $(PYTHON_VENV)
	@$(PYTHON_VENV)/bin/pip install --quiet --disable-pip-version-check -r integrations/python/tests/requirements.txt
	@$(PYTHON_VENV)/bin/pip install --quiet --disable-pip-version-check --no-build-isolation ./integrations/python
	@cd integrations/python && $(CURDIR)/$(PYTHON_VENV)/bin/mypy --cache-dir $(CURDIR)/$(PYTHON_VENV)/mypy
	@$(PYTHON_VENV)/bin/python -B -m pytest integrations/python/tests --ignore=integrations/python/tests/proxy --purser=$(PURSER)

# The proxy, with what it needs, takes 760 MB.
test-litellm: build ## test the plugin for LiteLLM in its real proxy (LITELLM=1.108.7 another version), with 760 MB of Python packages
	@scripts/install.sh "$(SUDO)" python3-venv
	@[ -x $(LITELLM_VENV)/bin/python ] || python3 -m venv $(LITELLM_VENV)
	@$(LITELLM_VENV)/bin/pip install --quiet --disable-pip-version-check -r integrations/python/tests/proxy/requirements.txt
	@$(if $(LITELLM),$(LITELLM_VENV)/bin/pip install --quiet --disable-pip-version-check "litellm==$(LITELLM)" semver)
	@$(LITELLM_VENV)/bin/pip install --quiet --disable-pip-version-check --no-build-isolation ./integrations/python
	@$(LITELLM_VENV)/bin/python -B -m pytest integrations/python/tests/proxy --purser=$(PURSER)

lint: ## check formatting and the shape of the code
	@swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

format: ## format the code
	@swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

simulate: install-build ## run SEEDS=1000 seeds of the simulator from FIRST=1 on, with BUG=name one of its deliberate bugs, with REPLICAS=200 so many on one hot window
	@$(RELEASE) --product simulate
	@.build/release/simulate --seeds $(or $(SEEDS),1000) --first $(or $(FIRST),1) $(if $(BUG),--bug $(BUG)) \
		$(if $(REPLICAS),--replicas $(REPLICAS))

pacing: install-build ## draw docs/pacing.svg: a month of a tight budget with and without pacing, from the hour of real calls in DATA=folder
	@$(RELEASE) --product pacing
	@.build/release/pacing $(or $(DATA),$(error Say where the calls are: DATA=path/to/data)) docs/pacing.svg

replay: install-build ## play the hour of real calls in DATA=folder through a replica, replay its verdict log, and see that every verdict is the same
	@$(RELEASE) --product replay
	@.build/release/replay $(or $(DATA),$(error Say where the calls are: DATA=path/to/data)) $(CURDIR)

forecast-error: install-build ## how wrong forecasts of a month are: the hour of real calls in DATA=folder over three months, beside a straight line
	@$(RELEASE) --product forecast-error
	@.build/release/forecast-error $(or $(DATA),$(error Say where the calls are: DATA=path/to/data)) $(CURDIR)

chaos: build ## break real processes: SHORT=1 for less than three minutes, else SECONDS=600; first the budget spent to its end, last restores
	@scripts/install.sh "$(SUDO)" python3
	@$(if $(SHORT),$(CHAOS_RESTORES) --short >.build/restores.log 2>&1 & restores=$$!;) \
		status=0; python3 -B Tests/Chaos/near_limit.py --purser $(PURSER) || status=$$?; \
		$(if $(SHORT),wait $$restores || status=$$?; cat .build/restores.log;) exit $$status
	@python3 -B Tests/Chaos/chaos.py --purser $(PURSER) $(if $(SHORT),--short,--seconds $(or $(SECONDS),600)) $(if $(SEED),--seed $(SEED))
	@$(if $(SHORT),,$(CHAOS_RESTORES))

values: build ## spend RUNS=100000 agent runs to the last cent, each with a window of its own, over three servers
	@scripts/install.sh "$(SUDO)" python3
	@python3 -B Tests/Chaos/values.py --purser $(PURSER) $(if $(RUNS),--runs $(RUNS))

rolling-restart: build ## restart three servers under load behind HAProxy and nginx (SHORT=1: less than two minutes), after seeing what these send again
	@scripts/install.sh "$(SUDO)" haproxy nginx-light
	@python3 -B Tests/Chaos/resending.py
	@python3 -B Tests/Chaos/rolling.py $(if $(SHORT),--short)

upgrade: build ## upgrade three servers under load from an older version, one by one, and back again: BEFORE=path/to/purser (ENTRIES=1000000)
	@scripts/install.sh "$(SUDO)" python3
	@python3 -B Tests/Chaos/upgrade.py --purser $(PURSER) --before $(BEFORE) $(if $(ENTRIES),--entries $(ENTRIES))

year: build ## a year in an hour: old rows pass their retention again and again (SHORT=1: three minutes; KEYS=1000000 a round)
	@scripts/install.sh "$(SUDO)" python3
	@python3 -B Tests/Chaos/year.py --purser $(PURSER) $(if $(SHORT),--short) $(if $(KEYS),--keys $(KEYS)) $(if $(ROUNDS),--rounds $(ROUNDS))

bench: build-bench ## measure every line beside its ceiling (SECONDS=10 ROUNDS=5 ENTRIES=20000000) and write docs/benchmarks.md; LINES="…" only these
	@$(BENCH) $(if $(ENTRIES),--entries $(ENTRIES)) $(if $(LINES),--lines $(LINES))

disturb: build-bench ## the longest gap of verdicts while a large deployment is disturbed (ENTRIES=20000000 SECONDS=10 ONLY="…"); BEFORE=path/to/purser beside it
	@python3 -B Benchmarks/Runner/disturb.py --purser $(PURSER) $(if $(ENTRIES),--entries $(ENTRIES)) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(BEFORE),--before $(BEFORE)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(ONLY),--only $(ONLY))

bench-before: build-bench ## measure this binary beside an older one: BEFORE=path/to/purser
	@$(BENCH) --before $(BEFORE) $(if $(LINES),--lines $(LINES))

bench-peers: build-bench ## one hot budget beside a row lock and insert per call
	@$(BENCH) --peers

build-bench: build
	@scripts/install.sh "$(SUDO)" python3
	@swift build -c release --package-path Benchmarks
	@if grep -q '"core-speed"' Package.swift; then $(RELEASE) --product core-speed; fi

static: build ## see that the program needs nothing of a toolchain
	@! ldd $(PURSER) | grep -E 'swift|Foundation|not found'

bare-debian: build ## run the program in a new Debian 12 without a toolchain: serve, first verdict, verify
	@scripts/install.sh "$(SUDO)" debootstrap curl
	@scripts/bare-debian.sh $(PURSER) "$(SUDO)"

readme-example: build ## start Purser, run the README's first example, stop it
	@scripts/readme-example.sh $(PURSER)

install-build:
	@scripts/install.sh "$(SUDO)" $(BUILD_PACKAGES)

install-test:
	@scripts/install.sh "$(SUDO)" $(TEST_PACKAGES)
	@[ -x $(VENV)/bin/python ] || python3 -m venv $(VENV)
	@$(VENV)/bin/python -c 'import standardwebhooks' 2>/dev/null || $(VENV)/bin/pip install --quiet --disable-pip-version-check standardwebhooks

clean: ## remove what was built
	@rm -rf .build Benchmarks/.build $(VENV) $(PRICE_VENV) $(FOCUS_VENV) $(PYTHON_VENV) $(LITELLM_VENV)

