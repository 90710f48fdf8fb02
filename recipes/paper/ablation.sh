#!/usr/bin/env bash
# The paper's ablations, Stanford Cars, ResNet-50 with ImageNet weights: test accuracy (%).
#
#   labels                                          15 %    30 %
#   cross-entropy in place of the contrast         40.93   67.02   (same as Pseudo-Labeling)
#   contrast with the own key only (CL)            46.29   68.82
#   without the contrast of unlabelled images      58.82   81.71   (these two: the order of the source is not certain)
#   without the contrast of labelled images        58.85   77.52
#   queues of their own for both streams           70.43   80.78
#   Self-Tuning                                    72.50   83.58
source "$(dirname "$0")/common.sh"
compare_images ablation "${RESNET[@]}" --dataset_name "${CARS:-tanganke/stanford_cars}" --ten_crop True \
  --methods fine_tuning \
  self_tuning:preset=paper,labeled_weight=0.0,unlabeled_weight=0.0,pseudo_label_weight=1.0 \
  self_tuning:preset=paper,group=false \
  self_tuning:preset=paper,unlabeled_weight=0.0 \
  self_tuning:preset=paper,labeled_weight=0.0 \
  self_tuning:preset=paper,shared_queues=false \
  $OURS --label_ratio 0.15 0.3 "$@"
