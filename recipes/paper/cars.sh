#!/usr/bin/env bash
# Stanford Cars, ResNet-50 with ImageNet weights: the paper's table, test accuracy (%).
#
#   labels               15 %    30 %    50 %   100 %
#   Fine-tuning         36.77   60.63   75.10   87.20
#   L2-SP               36.10   60.30   75.48   86.58
#   DELTA               39.37   63.28   76.53   86.32
#   BSS                 40.57   64.13   76.78   87.63
#   Co-Tuning           46.02   69.09   80.66   89.53
#   Pi-model            45.19   57.29   64.18
#   Pseudo-Labeling     40.93   67.02   78.71
#   Mean Teacher        54.28   66.02   74.24
#   UDA                 39.90   64.16   71.86
#   FixMatch            49.86   77.54   84.78
#   SimCLRv2            45.74   61.70   77.49           (not run here)
#   Co-Tuning + PL      50.16   73.76   83.33
#   Co-Tuning + MT      52.98   71.42   75.38
#   Co-Tuning + FM      42.34   73.24   83.13
#   Self-Tuning         72.50   83.58   88.11   90.67   (the authors' code, one seed: 75.35, 85.88, 89.76)
source "$(dirname "$0")/common.sh"
compare_rows cars "${RESNET[@]}" --dataset_name "${CARS:-tanganke/stanford_cars}" --ten_crop True \
  --label_ratio 0.15 0.3 0.5 1.0 "$@"
