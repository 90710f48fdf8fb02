#!/bin/bash
# Trains on several machines of a cluster with SLURM:
# sbatch recipes/accelerate/slurm.sh recipes/run_ner.py --train_file ... --output_dir SHARED_FOLDER
# CONFIG=recipes/accelerate/multi_node.yaml sbatch ... trains by DDP instead of FSDP2.
#SBATCH --job-name=selftuning
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=64
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log

set -euo pipefail

export CONFIG="${CONFIG:-recipes/accelerate/fsdp2_multi_node.yaml}"
# Not through `head`: it may close the pipe before scontrol has written all names, and pipefail would end the script.
mapfile -t HOSTS < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
export MAIN_ADDRESS="${HOSTS[0]}"
export PROCESSES="$((SLURM_NNODES * SLURM_GPUS_ON_NODE))"

# The cluster may stop a job and start it again; it then resumes from its last whole checkpoint.
if [ "${SLURM_RESTART_COUNT:-0}" -gt 0 ]; then
    set -- "$@" --resume_from_checkpoint True
fi

# One launcher on each machine, which starts a process for each of its GPUs.
srun bash -c 'accelerate launch --config_file "$CONFIG" --num_machines "$SLURM_NNODES" --num_processes "$PROCESSES" \
    --machine_rank "$SLURM_NODEID" --main_process_ip "$MAIN_ADDRESS" --main_process_port 29500 "$@"' launch "$@"
