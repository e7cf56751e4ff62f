#!/usr/bin/env bash
# Fetches the full 3,000,000 departures (npm package vega-datasets 3.2.1, BSD-3-Clause) for benchmarks.
# Usage: scripts/fetch-flights.sh [FOLDER]   default: artifacts/flights
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(realpath -m "${1:-artifacts/flights}")
mkdir -p "$target"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent vega-datasets@3.2.1 >/dev/null && tar -xzf vega-datasets-3.2.1.tgz)
cp "$work/package/data/flights-3m.parquet" "$target/"
echo "$target/flights-3m.parquet"
