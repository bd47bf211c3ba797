#!/usr/bin/env bash
# One sweep as a Slurm job array: ten tasks, each with its share of the seeds.
#
#     sbatch tests/shares/slurm.sh
#
# When all tasks have ended:
#     train "$LINK" --out together --merge shares/*
#SBATCH --job-name=imagenette
#SBATCH --array=1-10
#SBATCH --cpus-per-task=1
#SBATCH --mem=4G
#SBATCH --time=04:00:00
set -euo pipefail
LINK=${LINK:-'v=1&data=imagenette&epochs=20&engine=cpu&sweep=alone;seed:1..10'}
DATA=${DATA:-imagenette2-160.tgz}
# A task that is requeued resumes where it was: the same seat, the same folder.
train "$LINK" --data "$DATA" --quiet \
  --seat "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --out "shares/$SLURM_ARRAY_TASK_ID"
