# The project's commands; `make help` lists them. Tools and build outputs go to the cache
# folder set in .ci/env, outside this repository.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The archive that `make serve` offers on the page, if any, and the port.
DATA ?=
PORT ?= 8080
# Where `make part` writes the first part of such an archive, and the file that names both.
OUT ?= dist/data
# Where `make serve` and the end-to-end tests build the site. `make dist` uses `dist`.
SITE ?= .site

ENV := . .ci/env &&
PAGE := --target wasm32-unknown-unknown --no-default-features --features ui
CLASSROOM := --target wasm32-unknown-unknown --no-default-features --features classroom
WORKER := --target wasm32-unknown-unknown --no-default-features --features worker
# Tests that run in the browser have names ending in _web.
WORKER_TESTS := $(patsubst tests/%.rs,--test %,$(wildcard tests/*_web.rs))

.PHONY: help
help: ## List these commands
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

.PHONY: serve
serve: ## Build in release and serve http://127.0.0.1:8080 (DATA=archive.tgz PORT=8080)
	@if [ -n "$(DATA)" ] && [ ! -f "$(DATA)" ]; then echo "make serve: DATA=$(DATA) is not a file" >&2; exit 1; fi
	@$(MAKE) --no-print-directory site SITE=.site
	@node web/scripts/serve.mjs .site --port "$(PORT)" --data "$(DATA)"

.PHONY: part
part: ## Cut a first part out of an archive that a host offers (DATA=archive.tgz OUT=dist/data)
	@if [ ! -f "$(DATA)" ]; then echo "make part: DATA=$(DATA) is not a file" >&2; exit 1; fi
	@node web/scripts/part.mjs "$(DATA)" "$(OUT)"

.PHONY: site
site:
	@.ci/setup serve
	@$(ENV) trunk build --release --dist "$(SITE)"

.PHONY: dist
dist: ## Build the optimised static site in dist/
	@PLAYGROUND_OPTIMIZE=1 $(MAKE) --no-print-directory site SITE=dist

.PHONY: test
test: test-core test-native test-wasm test-e2e ## Run all tests: native, wasm in Chromium, end to end

.PHONY: test-core
test-core: ## Run only the tests that need no burn, which build in minutes
	@.ci/setup native
	@$(ENV) cargo test --locked --lib --no-default-features --features media

.PHONY: test-native
test-native: ## Run only the native tests
	@.ci/setup native
	@$(ENV) cargo test --locked

.PHONY: test-wasm
test-wasm: ## Run only the wasm tests, in headless Chromium
	@.ci/setup test
	@$(ENV) export WASM_BINDGEN_TEST_WEBDRIVER_JSON="$$PWD/tests/webdriver.json" WASM_BINDGEN_TEST_TIMEOUT=900; \
	cargo test --locked --release $(WORKER) $(WORKER_TESTS)

.PHONY: test-e2e
test-e2e: ## Run only the end-to-end tests, on the built page
	@.ci/setup test
	@if [ "$(SITE)" != dist ]; then $(MAKE) --no-print-directory site; fi
	@$(ENV) SITE="$(SITE)" node --test --test-concurrency=1 tests/e2e/*.test.mjs

.PHONY: check
check: ## Check formatting, lints (native and wasm) and docs; warnings are errors
	@.ci/setup check
	@(unset RUSTUP_TOOLCHAIN; cargo fmt --check)
	@$(ENV) cargo clippy --locked --all-targets -- -D warnings
	@$(ENV) cargo clippy --locked --all-targets --all-features -- -D warnings
	@$(ENV) cargo clippy --locked $(PAGE) --bin page -- -D warnings
	@$(ENV) cargo clippy --locked $(CLASSROOM) --bin classroom -- -D warnings
	@$(ENV) cargo clippy --locked $(WORKER) --bin worker --example bench $(WORKER_TESTS) -- -D warnings
	@$(ENV) RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet

.PHONY: deny
deny: ## Check licences, bans and sources of all dependencies, and report advisories
	@.ci/setup deny
	@$(ENV) cargo deny check licenses bans sources
	@$(ENV) cargo deny check advisories || echo 'advisories are reported and fail nothing'

.PHONY: rig
rig: ## Print what each kernel of a step moves; needs no graphics card
	@.ci/setup native
	@$(ENV) cargo build --locked --release --example bench; \
	"$$CARGO_TARGET_DIR/release/examples/bench" rig

.PHONY: rig-update
rig-update: ## Write the table of what kernels move that the tests compare with
	@.ci/setup native
	@$(ENV) UPDATE_RIG=1 cargo test --locked --test native steps_move_what_the_table_says

.PHONY: bench
bench: ## Compare our engines with TensorFlow.js (CASES=res3-w8 ROUNDS=7 MINUTES=1 LIMIT=60)
	@.ci/setup bench
	@$(ENV) cargo build --locked --release $(WORKER) --example bench; \
	cargo build --locked --release --example bench; \
	"$$CARGO_TARGET_DIR/release/examples/bench" rig; \
	wasm-bindgen "$$CARGO_TARGET_DIR/wasm32-unknown-unknown/release/examples/bench.wasm" \
	  --target web --no-typescript --out-dir "$$CARGO_TARGET_DIR/bench-engine"; \
	node tests/bench/run.mjs "$$CARGO_TARGET_DIR/bench-engine" "$$CARGO_TARGET_DIR/release/examples/bench"

.PHONY: size
size: ## Check the built site in dist/ against its size budget
	@node web/scripts/size.mjs dist
