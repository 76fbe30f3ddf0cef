#!/bin/bash
# A class as an array of four Slurm jobs with eight cores each. In the folder of Peerlab, after "npm ci":
#
#   sbatch --wait docs/examples/class-slurm.sh
#   npx peerlab class merge shard-1 shard-2 shard-3 shard-4 --out marks
#
# Whatever ends a job (its time, a node that fails), start the same command again: it judges only what is missing.
#SBATCH --job-name=peerlab-class
#SBATCH --array=1-4
#SBATCH --cpus-per-task=8
#SBATCH --mem=16G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=class-%a.log
set -euo pipefail

cd "$SLURM_SUBMIT_DIR"

exec npx peerlab class grade submissions --key ~/peerlab.key --roster roster.csv \
  --due 2026-11-30T18:00+01:00 --late 10%/day \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --jobs "$SLURM_CPUS_PER_TASK" \
  --out "shard-$SLURM_ARRAY_TASK_ID"
