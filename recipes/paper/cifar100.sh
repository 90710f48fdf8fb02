#!/usr/bin/env bash
# CIFAR-100, EfficientNet-B2 with ImageNet weights: the paper's table, test error (%) = 100 - accuracy.
# 20 + 20 images a step, one view for testing.
#
#   labels               400   2,500  10,000
#   Fine-tuning        60.79   31.69   21.74
#   L2-SP              59.21
#   DELTA              58.23
#   BSS                58.49
#   Co-Tuning          57.58   30.94   22.22
#   Pi-model           60.50                   (these five: the order of the source is not certain)
#   Pseudo-Labeling    59.21
#   Mean Teacher       60.68
#   FixMatch           57.87   29.99   21.69
#   UDA                58.32
#   SimCLRv2           59.45                   (not run here)
#   Co-Tuning + PL     56.21
#   Co-Tuning + MT     56.78
#   Co-Tuning + FM     57.94
#   Self-Tuning        47.17   24.16   17.57   (the authors' code, one seed: 48.01, 24.06, 17.49)
#
# Differences from the published code, besides those in common.sh:
# - The published code also has the labelled images among the unlabelled ones. Here the two are separate.
# - It flips and crops at 32 pixels and then enlarges the image. Here a random crop of the image is enlarged.
# - It normalises by CIFAR's mean and standard deviation. Here those of the network's pretraining are used.
# - Co-Tuning's source logits are not scaled here, because 0.884 belongs to another network.
CO_TUNING=co_tuning:preset=paper
source "$(dirname "$0")/common.sh"
compare_rows cifar100 --model_name_or_path timm/efficientnet_b2.ra_in1k --image_size 224 --crop_scale 0.2 \
  --per_device_train_batch_size 20 --dataset_name uoft-cs/cifar100 --labels_per_class 4 25 100 "$@"
