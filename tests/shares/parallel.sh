#!/usr/bin/env bash
# One sweep with GNU parallel: as many processes as there are cores, each with its share of
# the seeds, then the tables of all.
#
#     tests/shares/parallel.sh LINK SEATS OUT [OPTIONS OF train...]
#
# `train` has to be in PATH.
set -euo pipefail
link=$1 seats=$2 out=$3
shift 3
mkdir -p "$out"
share() {
  local seat=$1 seats=$2 out=$3 link=$4
  shift 4
  train "$link" --seat "$seat/$seats" --out "$out/share-$seat" --quiet "$@" >"$out/share-$seat.txt"
}
export -f share
parallel --quote --halt now,fail=1 share {} "$seats" "$out" "$link" "$@" ::: $(seq "$seats")
train "$link" --out "$out" --merge "$out"/share-*/
