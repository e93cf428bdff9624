# Every command installs what it needs, when it is missing (Debian; scripts/setup.sh), and asks nothing.
#
#   make run ARGS="--port 4000"   flags for the server
#   make fuzz SECONDS_EACH=600    time for each fuzz target
#   make bench-recording ARGS=capture    one of its scenarios
#   make load ARGS=--help    what can be loaded, and how
#   make soak SOAK_SECONDS=600

export PATH := $(HOME)/.cargo/bin:$(PATH)

ARGS ?=
SECONDS_EACH ?= 600
SOAK_SECONDS ?= 1800

.DEFAULT_GOAL := help
.PHONY: help run test bench bench-recording load soak lint fuzz

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

run: ## Build the server and start it
	@scripts/setup.sh run
	@cargo run --locked --release --package mediasoup-server -- $(ARGS)

test: ## Run every test: unit, API, native peers, browsers, aiortc
	@scripts/setup.sh test
	@scripts/test.sh

bench: ## Run the benchmarks
	@scripts/setup.sh bench
	@cargo bench --locked --workspace

bench-recording: ## Measure what recording costs: two cores, half an hour
	@scripts/setup.sh bench-recording
	@cargo build --locked --release --package mediasoup-server
	@cargo run --locked --release --package mediasoup-benches --bin recording-cost -- $(or $(ARGS),all)

load: ## Load a server that runs, with real clients, and measure it
	@scripts/setup.sh load
	@cargo run --locked --release --package mediasoup-benches --bin load -- $(ARGS)

soak: ## Load a server for half an hour (SOAK_SECONDS): does its memory grow?
	@scripts/setup.sh load
	@scripts/soak.sh $(SOAK_SECONDS)

lint: ## Check format, lints and API documentation
	@scripts/setup.sh lint
	@scripts/lint.sh

fuzz: ## Run every fuzz target
	@scripts/setup.sh fuzz
	@scripts/fuzz.sh $(SECONDS_EACH)
