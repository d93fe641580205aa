# What there is to do in this project. `make` alone explains the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run dev test page proxy release size interop api e2e firefox webkit lint unit wasm-test sweep fuzz bench bench-orders crowd bench-page lighthouse visual pictures profile clean

# What the page is made of; it is built again when something in here is newer.
PAGE_SOURCES := $(shell find frontend shared style -type f -not -name '*.md') index.html Trunk.toml Cargo.toml Cargo.lock $(wildcard tools/*.mjs) .cargo/config.toml

help: ## Explain the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

run: ## Set up what is missing, build, and serve the page against the simulator (nothing is bought)
	@tools/setup.sh build
	@$(MAKE) --no-print-directory -j2 page program
	@target/debug/deskbuy demo

# As tests use it. Optimising it would take minutes more, and nobody would notice in a demo.
.PHONY: program
program:
	@echo "[program] compiling, two minutes the first time"
	@cargo build --quiet -p proxy
	@echo "[program] ready"

dev: ## Serve the page with live reload on port 8081; the proxy's demo runs beside it on port 8080
	@tools/dev.sh

test: ## Set up what is missing, then check and test everything
	@tools/test.sh all

lint: ## Formatting, clippy, licences, bans and advisories
	@tools/test.sh lint

unit: ## Unit, property and integration tests of the Rust code
	@tools/test.sh unit

sweep: ## Orders under every fault, and in front of a cloud that answers strangely, while the proxy is killed at every step, on both databases; SEED=N for another run
	@tools/setup.sh test
	@cargo test --quiet -p proxy --features failpoints --test sweep -- --seed $(or $(SEED),1)

fuzz: ## Ten minutes for each reader of texts from outside: signing, answers, queries, cookies; SECONDS=N for another time
	@DESKBUY_FUZZ_SECONDS=$(or $(SECONDS),600) cargo test --quiet --profile fuzz -p cloud -p proxy --lib -- --nocapture --test-threads=2 fuzz_targets::

bench: proxy ## Reads through the proxy beside nginx to the same simulator, as ratios; SHORT=1 for a glance
	@tools/setup.sh bench
	@cargo build --quiet --release -p simulator
	@node bench/proxy.mjs

crowd: ## Everybody at once for SECONDS=20: floods, searches, streams, idle connections; another buyer and /live stay quick
	@cargo build --quiet --release -p proxy -p simulator
	@node bench/crowd.mjs

bench-orders: ## Orders a second, time to the answer, lists of a million and memory of orders that wait, on both databases
	@tools/setup.sh test
	@cargo bench --quiet -p proxy --bench orders

wasm-test: ## The page's tests that need a browser but no server
	@tools/test.sh wasm

interop: ## The simulator checked with two official clients
	@tools/test.sh interop

api: ## The API's description, validated, and the running proxy driven by it
	@tools/test.sh api

e2e: ## The page in a real browser, against the real proxy and the simulator
	@tools/test.sh e2e

firefox: ## A purchase in the machine's own Firefox
	@tools/test.sh firefox

webkit: ## A purchase in the machine's own WebKit, the engine of Safari, where it is installed
	@tools/test.sh webkit

page: ## Build the page for release into dist/
	@[ -e tools/node_modules/.deskbuy-lock ] || tools/setup.sh build
	@$(MAKE) --no-print-directory dist/index.html

dist/index.html: $(PAGE_SOURCES)
	@echo "[page] compiling, three minutes the first time"
	@. tools/versions.sh && CARGO_TERM_QUIET=true RUST_LOG=error trunk build --release --offline
	@touch dist/index.html
	@echo "[page] ready"

proxy: ## Build the proxy for production, with the page in it: target/dist/deskbuy
	@tools/setup.sh build
	@$(MAKE) --no-print-directory page
	@echo "[proxy] building, five minutes the first time"
	@tools/dist.sh

release: proxy ## Make a release in target/release-VERSION: tarball, Debian package, image, list of parts and sums
	@tools/release.sh

size: ## Count the bytes of a cold load, and of all until an order is placed, and compare them with the budgets
	@tools/test.sh size

bench-page: ## A cold load and typing on a slow machine and line, beside the same page by hand; TIMES=N loads
	@tools/setup.sh test
	@$(MAKE) --no-print-directory page
	@cargo build --quiet -p proxy
	@node bench/page/bench.mjs

lighthouse: ## What Lighthouse says of the page; fails below the marks that it is to have
	@tools/setup.sh lighthouse
	@$(MAKE) --no-print-directory page
	@cargo build --quiet -p proxy -p simulator
	@node bench/page/lighthouse.mjs

visual: ## What a change does to the looks of the page: pictures of now beside those of main, or of BASE=COMMIT
	@tools/setup.sh test
	@tools/visual.sh

pictures: ## Take the pictures of the README
	@tools/test.sh pictures

profile: ## Record what the first view calls, after a change to it; frontend/deferred.profile lists what is deferred
	@tools/setup.sh test
	@cargo build --quiet -p proxy
	@. tools/versions.sh && node tools/profile.mjs
	@$(MAKE) --no-print-directory page

clean: ## Remove what was built
	cargo clean
	rm -rf dist
