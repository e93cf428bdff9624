#!/usr/bin/env bash
# Every test there is.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. scripts/steps.sh

# npm packages, unless they are installed for this very lockfile.
packages() {
    [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
}

for manifest in tests/*/package.json; do
    [ -e "$manifest" ] || continue
    folder=$(dirname "$manifest")
    step "npm ci $folder" env -C "$folder" bash -c "$(declare -f packages); packages"
done
# All of it: a part of the packages would be built with other features, and then again.
step "cargo build" cargo build --locked --workspace --all-targets
step "cargo test" timeout --kill-after=1m 45m cargo test --locked --workspace
if [ -e tests/e2e/run.mjs ]; then
    step "browsers" node tests/e2e/run.mjs
fi
summary
