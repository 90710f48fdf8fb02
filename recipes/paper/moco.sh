#!/usr/bin/env bash
# CUB-200-2011 from weights that were pretrained without labels, MoCo v2's ResNet-50 (800 epochs): the paper's table,
# test accuracy (%).
#
#   labels                 800   5,000
#   Fine-tuning          20.04   71.50
#   Co-Tuning            20.99   71.61   (not run here: it needs a pretrained classifier, and MoCo has none)
#   Mean Teacher         28.13   71.26
#   FixMatch             21.18   71.28
#   Co-Tuning + MT       28.43   72.21   (these two: likewise)
#   Co-Tuning + FM       21.08   71.40
#   Self-Tuning          36.80   74.56
#
# 800 labels are 4 a class, and 5,000 are 25. The published code continues from the middle of MoCo's own projector.
# Here the projector is new.
source "$(dirname "$0")/common.sh"
[ -d "$DATA/CUB_200_2011" ] ||
  curl -L https://data.caltech.edu/records/65de6-vp158/files/CUB_200_2011.tgz | tar xz -C "$DATA"
if [ ! -d "$DATA/moco_v2" ]; then
  weights="$DATA/moco_v2_800ep_pretrain.pth.tar"
  curl -L -o "$weights" "https://dl.fbaipublicfiles.com/moco/moco_checkpoints/moco_v2_800ep/${weights##*/}"
  "${PYTHON:-python}" - "$weights" "$DATA/moco_v2" << 'END'
import sys

import timm
import torch

saved = torch.load(sys.argv[1], map_location="cpu", weights_only=True)["state_dict"]
start = "module.encoder_q."
encoder = {name.removeprefix(start): value for name, value in saved.items() if name.startswith(start)}
network = timm.create_model("resnet50.tv_in1k", num_classes=1000)
left = network.load_state_dict({name: v for name, v in encoder.items() if not name.startswith("fc.")}, strict=False)
assert left.missing_keys == ["fc.weight", "fc.bias"] and not left.unexpected_keys, left
timm.models.save_for_hf(network, sys.argv[2], safe_serialization=True)
END
fi
compare_images moco "${RESNET[@]}" --model_name_or_path "$DATA/moco_v2" \
  --data_dir "$DATA/CUB_200_2011" --ten_crop True \
  --methods fine_tuning $MEAN_TEACHER fixmatch $OURS --labels_per_class 4 25 "$@"
