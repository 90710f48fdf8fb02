# Settings of the paper (Wang et al., ICML 2021) that its image tables share; sourced by the scripts beside it.
#
# 24 + 24 images a step, 27,000 steps, SGD with Nesterov momentum 0.9, learning rate 0.001 and ten times as much for
# the head, strong views for labelled images, ten crops for testing, the last step scored. The published code lowers
# the rate in steps, which transformers' schedules do not have: a cosine stands in. It reports the best of several
# evaluations on test, which these scripts do not.
#
# Started again, a script goes on; started on several machines that share OUT, they share the cells.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
DATA=${DATA:-data}
OUT=${OUT:-runs/paper}
LAUNCH=${LAUNCH:-accelerate launch}
SEEDS=${SEEDS:-0 1 2}
mkdir -p "$DATA"

TRANSFER="fine_tuning l2_sp delta bss co_tuning"
SEMI_SUPERVISED="pi_model pseudo_labeling mean_teacher uda fixmatch"
COMBINED="co_tuning+pseudo_labeling co_tuning+mean_teacher co_tuning+fixmatch"
OURS="self_tuning:preset=paper"
TRAINING=(
  --learning_rate 0.001 --head_lr_ratio 10 --optim sgd --optim_args momentum=0.9,nesterov=True --weight_decay 1e-4
  --lr_scheduler_type cosine --max_steps 27000 --labeled_view strong --eval_strategy no --logging_steps 500
  --save_steps 3000 --dataloader_num_workers 8
)
RESNET=(--model_name_or_path timm/resnet50.tv_in1k --image_size 224 --crop_scale 0.08 --per_device_train_batch_size 24)

# Arguments: name of the comparison, then flags of recipes/compare.py.
compare_images() {
  local name=$1
  shift
  $LAUNCH recipes/compare.py --task images --output_dir "$OUT/$name" --seeds $SEEDS --same_time False \
    "${TRAINING[@]}" "$@"
}
