#!/usr/bin/env bash
#SBATCH --job-name=avatars
#SBATCH --array=1-8
#SBATCH --cpus-per-task=4
#SBATCH --requeue
# Each task does its part of the photos; a task that is run again skips what is done. Needs swiftavatar on every node.
#   sbatch examples/slurm-array.sh photos avatars
set -euo pipefail
photos=$1 output=$2
exec swiftavatar estimate "$photos" --recursive -o "$output" --jobs "${SLURM_CPUS_PER_TASK:-1}" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --results "$output.$SLURM_ARRAY_TASK_ID.jsonl"
