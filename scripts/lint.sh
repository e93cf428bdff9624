#!/usr/bin/env bash
# Format, lints, API documentation.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. scripts/steps.sh

step "cargo fmt" cargo fmt --all --check
step "cargo clippy" cargo clippy --locked --workspace --all-targets -- -D warnings
step "cargo doc" env RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc --locked --workspace --no-deps
summary
