#!/usr/bin/env bash
# Trains the recorded results: every table of tables.txt, each seed in a folder of its own,
# several at a time. Run the same command again and it goes on where it stopped.
#
#     cargo build --release --bin train
#     tests/recorded/record.sh target/release/train imagenette2-160.tgz results/ [JOBS] [SECONDS]
#
# JOBS seeds train at the same time (1 unless given); after SECONDS (a day unless given) what is
# under way is stopped, and resumes from its last checkpoint. A table whose seeds are all there
# is put together in results/TABLE, and in results/TABLE.recorded, the file that the page ships.
set -euo pipefail
train=$(realpath "$1")
data=$(realpath "$2")
out=$3
jobs=${4:-1}
seconds=${5:-86400}
tables="$(dirname "$0")/tables.txt"
mkdir -p "$out"

# A line for each seed of each table: its folder and its link.
seeds() {
  grep -v '^#' "$tables" | while read -r table link; do
    range=${link##*seed:}
    for seed in $(seq "${range%..*}" "${range#*..}"); do
      printf '%s %s\n' "$out/parts/$table-$seed" "${link%seed:*}seed:$seed"
    done
  done
}

# The programs that train get out of the way of others.
one() {
  timeout --signal=INT "$left" nice -n 10 "$train" "$2" --data "$data" --out "$1" --quiet >"$1.txt" 2>"$1.log" ||
    printf '%s has not ended: see %s.log\n' "$1" "$1"
}
export -f one
export train data left=$seconds
mkdir -p "$out/parts"
seeds | xargs -P "$jobs" -L 1 bash -c 'left=$((left - SECONDS)); one "$0" "$1"'

grep -v '^#' "$tables" | while read -r table link; do
  mkdir -p "$out/$table"
  find "$out/parts/$table"-* -name '*.json' ! -name summary.json -exec cp {} "$out/$table"/ \;
  missing=$(find "$out/parts/$table"-* -name '*.checkpoint' | wc -l)
  if [ "$missing" -eq 0 ]; then
    "$train" "$link" --data "$data" --out "$out/$table" --recorded "$out/$table.recorded" --quiet >"$out/$table.txt"
  fi
done
