#!/usr/bin/env bash
# FGVC-Aircraft, 100 variants, ResNet-50 with ImageNet weights: the paper's table, test accuracy (%).
#
#   labels               15 %    30 %    50 %   100 %
#   Fine-tuning         39.57                           (the other figures could not be read)
#   DELTA               42.16   58.60   68.51   80.44
#   BSS                 40.41   59.23   69.19   81.48
#   Co-Tuning           44.09   61.65   72.73   83.87
#   Pi-model            37.32   58.49   65.63
#   Pseudo-Labeling     46.83   62.77   73.21
#   Mean Teacher        51.59   71.62   80.31
#   UDA                 43.96   64.17   67.42
#   FixMatch            55.53   71.35   78.34
#   SimCLRv2            40.78   59.03   68.54           (not run here)
#   Co-Tuning + PL      49.15   65.62   74.57
#   Co-Tuning + MT      51.46   64.30   70.85
#   Co-Tuning + FM      53.74   69.91   80.02
#   Self-Tuning         64.11   76.03   81.22   84.28   (the authors' code, one seed: 66.16, 79.63, 84.58)
source "$(dirname "$0")/common.sh"
if [ ! -d "$DATA/aircraft" ]; then
  archive=fgvc-aircraft-2013b
  curl -L "https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/archives/$archive.tar.gz" | tar xz -C "$DATA"
  # The recipe reads a folder for each variant, so the images are linked into such folders.
  for part in train:trainval test:test; do
    while read -r image variant; do
      folder="$DATA/aircraft.draft/${part%:*}/${variant//\//-}"
      mkdir -p "$folder"
      ln -sf "$(realpath "$DATA/$archive/data/images/$image.jpg")" "$folder/"
    done < "$DATA/$archive/data/images_variant_${part#*:}.txt"
  done
  mv "$DATA/aircraft.draft" "$DATA/aircraft"
fi
compare_rows aircraft "${RESNET[@]}" --data_dir "$DATA/aircraft" --ten_crop True \
  --label_ratio 0.15 0.3 0.5 1.0 "$@"
