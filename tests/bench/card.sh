#!/bin/sh
# What a graphics card makes of our WebGPU engine, beside PyTorch, in one command:
#
#     cargo build --release --example bench
#     tests/bench/card.sh target/release/examples/bench results/
#
# It needs Vulkan's loader and the card's driver; PyTorch is measured if `python3` has it with
# CUDA. Half a minute; it ends within ten in any case. Nothing but the two files beside this one
# and the program has to be on the machine with the card.
set -eu
bench=$1
out=$2
here=$(dirname "$0")
mkdir -p "$out"
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader >"$out/card.txt" 2>/dev/null ||
    echo "no NVIDIA card" >"$out/card.txt"
cat "$out/card.txt"
timeout 200 "$bench" webgpu res3-w16 resnet9 >"$out/step.jsonl"
if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
    timeout 200 python3 "$here/card.py" >"$out/torch.jsonl"
fi
python3 - "$out" <<'PYTHON'
import json, pathlib, statistics, sys
out = pathlib.Path(sys.argv[1])
for line in (out / "step.jsonl").read_text().splitlines():
    case = json.loads(line)
    print(f"{case['case']}: {statistics.median(case['times']):.2f} ms a step on {case['adapter']}")
torch = out / "torch.jsonl"
print(torch.read_text() if torch.exists() else "PyTorch with CUDA was not found", end="")
PYTHON
