#!/usr/bin/env bash
# Runs every fuzz target for a while: scripts/fuzz.sh [seconds each]. What is found stays in tests/fuzz/artifacts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. scripts/steps.sh

seconds=${1:-600}
targets=$(cargo +nightly fuzz list --fuzz-dir tests/fuzz) || exit 1
for target in $targets; do
    mkdir -p "tests/fuzz/corpus/$target"
    # New inputs go to the first folder; the seeds are only read.
    step "fuzz $target" cargo +nightly fuzz run --fuzz-dir tests/fuzz "$target" \
        "tests/fuzz/corpus/$target" "tests/fuzz/seeds/$target" -- \
        -max_total_time="$seconds" -timeout=10 -detect_leaks=0 -rss_limit_mb=2048
done
summary
