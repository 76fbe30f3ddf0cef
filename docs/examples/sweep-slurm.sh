#!/bin/bash
# A sweep as an array of five Slurm jobs with eight cores each. In the folder of Peerlab, after "npm ci":
#
#   sbatch --wait docs/examples/sweep-slurm.sh
#   npx peerlab sweep merge shard-*.jsonl --out-csv sweep.csv --plot sweep.svg
#
# Whatever ends a job (its time, a node that fails), start the same command again: it makes only what is missing.
#SBATCH --job-name=peerlab-sweep
#SBATCH --array=1-5
#SBATCH --cpus-per-task=8
#SBATCH --mem=8G
#SBATCH --time=02:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=shard-%a.log
set -euo pipefail

cd "$SLURM_SUBMIT_DIR"

exec npx peerlab sweep gossip --set fanout=1..6 --set loss=0..0.3:0.1 --seeds 1..200 \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --jobs "$SLURM_CPUS_PER_TASK" \
  --out "shard-$SLURM_ARRAY_TASK_ID.jsonl"
