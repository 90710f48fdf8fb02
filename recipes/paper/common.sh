# Settings that the image tables of the paper (Wang et al., ICML 2021) share. The scripts beside this file source it.
#
# A step has 24 labelled and 24 unlabelled images, and a training 27,000 steps. SGD has Nesterov momentum 0.9, learning
# rate 0.001, and ten times as much for the head. Labelled images have strong views. The model of the last step is
# tested on ten crops.
#
# Differences from the published code:
# - It divides the learning rate by 10 at 6,000, 12,000, 18,000 and 24,000 steps. transformers has no such schedule, so
#   a cosine is used here.
# - It reports the best of several evaluations on test, with one seed. Here the last step is tested once for each seed.
# - It updates the key encoder twice a step, which equals one update with momentum 0.998. Here one update has 0.999.
# - Its strong views cut out a square of 16 pixels. Here every second one, on average, loses a rectangle.
# - With all labels it has no unlabelled image to learn from. These scripts have none either, and leave out the cells
#   that need some.
#
# A script that is started again continues where it stopped. Several machines that share OUT share the cells.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
DATA=${DATA:-data}
OUT=${OUT:-runs/paper}
LAUNCH=${LAUNCH:-accelerate launch --num_processes 1}
SEEDS=${SEEDS:-0 1 2}
mkdir -p "$DATA"

# 0.884 calibrates the logits of torchvision's ResNet-50, and of no other network.
CO_TUNING=${CO_TUNING:-co_tuning:preset=paper,source_scale=0.884}
MEAN_TEACHER=mean_teacher:preset=paper
TRANSFER="fine_tuning bss $CO_TUNING"
WITHOUT_DECAY="l2_sp delta:preset=paper"
SEMI_SUPERVISED="pi_model pseudo_labeling $MEAN_TEACHER uda fixmatch"
COMBINED="$CO_TUNING+pseudo_labeling $CO_TUNING+$MEAN_TEACHER $CO_TUNING+fixmatch"
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

# The rows of a table. L2-SP and DELTA already pull the weights back to their start and train without weight decay. They
# have a comparison of their own, because all cells of one folder share their flags. Arguments: as above.
compare_rows() {
  local name=$1
  shift
  compare_images "$name" --methods $TRANSFER $SEMI_SUPERVISED $COMBINED $OURS "$@"
  compare_images "$name-without_decay" --methods $WITHOUT_DECAY --weight_decay 0 "$@"
}
