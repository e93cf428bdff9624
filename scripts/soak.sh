#!/usr/bin/env bash
# Loads a server for long, with rooms that come and go beside it, and tells whether its memory grows and whether it loses packets.
# Usage: soak.sh SECONDS
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-1800}
base=(--rooms "${ROOMS:-65}" --publishers 1 --viewers 20 --ramp 10)
guests=(--rooms 2 --publishers 1 --viewers 20 --ramp 2 --seconds 5)

cargo build --locked --release --workspace --bins
work=$(mktemp -d)
free_port() { node -e 's = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close() })'; }
port=$(free_port)

target/release/mediasoup-server --port "$port" \
  --set worker.rtcMinPort=0 --set worker.rtcMaxPort=0 --set worker.numWorkers=1 >"$work/server.log" 2>&1 &
server=$!
trap 'kill "$server" $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
url="http://127.0.0.1:$port"
until curl -fs "$url/readyz" >/dev/null; do kill -0 "$server"; sleep 0.1; done

target/release/load --url "$url" --pid "$server" "${base[@]}" --seconds "$seconds" >"$work/base.log" 2>&1 &
load=$!
sleep 15
(while target/release/load --url "$url" "${guests[@]}" >"$work/guests.log" 2>&1; do echo >>"$work/visits"; done) &
visits=$!

# Seconds since the start, resident KiB.
begin=$SECONDS
while kill -0 "$load" 2>/dev/null; do
  echo "$((SECONDS - begin)) $(awk '/VmRSS/ { print $2 }' "/proc/$server/status")" >>"$work/memory"
  sleep 10
done
kill "$visits" 2>/dev/null || true
cat "$work/base.log"
echo "groups of rooms that came and went beside it: $(wc -l <"$work/visits")"
# The slope of the line through all but the first third, in which everything reaches its size.
awk '{ at[NR] = $1; kib[NR] = $2 }
  END {
    for (i = int(NR / 3) + 1; i <= NR; i++) { n++; x += at[i]; y += kib[i]; xx += at[i] ^ 2; xy += at[i] * kib[i] }
    slope = (n * xy - x * y) / (n * xx - x ^ 2)
    printf "resident: %d KiB at first, %d after a third, %d at the end; %.1f KiB a minute from then on\n",
      kib[1], kib[int(NR / 3) + 1], kib[NR], 60 * slope
  }' "$work/memory"
