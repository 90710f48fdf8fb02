#!/usr/bin/env bash
# CoNLL-2003, bert-base-cased: entity F1 (%) on test.
#
#   Fine-tuning        90.81
#   BSS                90.85
#   L2-SP              91.02
#   Co-Tuning          91.27
#   Self-Tuning        94.53
#
# The paper states neither how many labels its runs had nor which sentences were unlabelled. It released no code for
# them. Its baselines are as good as full supervision on test. 94.53 is most likely a score on dev, because full
# supervision gives as much there. So this script compares on all labels with Co-Tuning's settings (10 epochs in steps
# of 256 sentences, learning rate 5e-5, no weight decay), and also on 1, 5, 15 and 30 % of the labels. Co-Tuning learns
# from the language head, which bert-base-cased has. A step of 256 is accumulated from eight batches of 32.
# publish_order needs a whole step in one batch, so it is off.
source "$(dirname "$0")/common.sh"
$LAUNCH recipes/compare.py --task ner --output_dir "$OUT/conll2003" --seeds $SEEDS \
  --model_name_or_path google-bert/bert-base-cased --dataset_name lhoestq/conll2003 \
  --methods fine_tuning l2_sp bss co_tuning pseudo_labeling mean_teacher:preset=paper fixmatch \
  self_tuning:preset=paper,publish_order=false self_tuning \
  --label_ratio 0.01 0.05 0.15 0.3 1.0 \
  --learning_rate 5e-5 --weight_decay 0 --warmup_steps 0 --max_steps 550 --per_device_train_batch_size 32 \
  --gradient_accumulation_steps 8 --max_length 128 "$@"
