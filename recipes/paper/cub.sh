#!/usr/bin/env bash
# CUB-200-2011, ResNet-50 with ImageNet weights: the paper's table, test accuracy (%).
#
#   labels               15 %    30 %    50 %   100 %
#   Fine-tuning         45.25   59.68   70.12   78.01
#   L2-SP               45.08   57.78   69.47   78.44
#   DELTA               46.83   60.37   71.38   78.63
#   BSS                 47.74   63.38   72.56   78.85
#   Co-Tuning           52.58   66.47   74.64   81.24
#   Pi-model            45.20   56.20   64.07
#   Pseudo-Labeling     45.33   62.02   72.30
#   Mean Teacher        53.26   66.66   74.37
#   UDA                 46.90   61.16   71.86
#   FixMatch            44.06   63.54   75.96
#   SimCLRv2            45.74   62.70   71.01           (not run here)
#   Co-Tuning + PL      54.11   68.07   75.94
#   Co-Tuning + MT      57.92   67.98   72.82
#   Co-Tuning + FM      46.81   58.88   73.07
#   Self-Tuning         64.17   75.13   80.22   83.95   (the authors' code, one seed: 64.36, 74.51, 79.44)
source "$(dirname "$0")/common.sh"
[ -d "$DATA/CUB_200_2011" ] ||
  curl -L https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz | tar xz -C "$DATA"
compare_rows cub "${RESNET[@]}" --data_dir "$DATA/CUB_200_2011" --ten_crop True \
  --label_ratio 0.15 0.3 0.5 1.0 "$@"

# Where do methods believe their own mistakes? over_steps.png shows scores and pseudo-labels on a fifth of the 15 % of
# labels. This fifth is held out of training.
compare_images cub-over_steps "${RESNET[@]}" --data_dir "$DATA/CUB_200_2011" \
  --methods fine_tuning pseudo_labeling fixmatch $OURS --label_ratio 0.15 \
  --validation_share 0.2 --eval_strategy steps --eval_steps 1000 "$@"
