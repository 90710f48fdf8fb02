"""All public names. `__init__.py` imports each one when it is first used, and docs/api.md documents each one."""

# Training
from .config import SelfTuningConfig as SelfTuningConfig
from .report.card_facts import About as About
from .training.trainer import SelfTuningTrainer as SelfTuningTrainer

# Methods
from .methods import METHODS as METHODS
from .methods import parse_method as parse_method
from .methods.adamatch import AdaMatch as AdaMatch
from .methods.bi_tuning import BiTuning as BiTuning
from .methods.bss import BSS as BSS
from .methods.clusterfit import ClusterFit as ClusterFit
from .methods.co_tuning import CoTuning as CoTuning
from .methods.debiasmatch import DebiasMatch as DebiasMatch
from .methods.deep_label_propagation import DeepLabelPropagation as DeepLabelPropagation
from .methods.delta import DELTA as DELTA
from .methods.distillation import Distillation as Distillation
from .methods.dst import DST as DST
from .methods.fixmatch import FixMatch as FixMatch
from .methods.flexmatch import FlexMatch as FlexMatch
from .methods.freematch import FreeMatch as FreeMatch
from .methods.generation import Generation as Generation
from .methods.jigsaw import Jigsaw as Jigsaw
from .methods.l2_sp import L2SP as L2SP
from .methods.lp_ft import LPFT as LPFT
from .methods.mean_teacher import MeanTeacher as MeanTeacher
from .methods.mixmatch import MixMatch as MixMatch
from .methods.noisy_student import NoisyStudent as NoisyStudent
from .methods.pi_model import PiModel as PiModel
from .methods.pirl import PIRL as PIRL
from .methods.pseudo_labeling import PseudoLabeling as PseudoLabeling
from .methods.r_drop import RDrop as RDrop
from .methods.remixmatch import ReMixMatch as ReMixMatch
from .methods.rotation import Rotation as Rotation
from .methods.self_tuning import SelfTuning as SelfTuning
from .methods.simclr import SimCLR as SimCLR
from .methods.simclr_v2 import SimCLRv2 as SimCLRv2
from .methods.simmatch import SimMatch as SimMatch
from .methods.softmatch import SoftMatch as SoftMatch
from .methods.swa import SWA as SWA
from .methods.tf_kd import TfKD as TfKD
from .methods.uda import UDA as UDA
from .methods.weight_ema import WeightEMA as WeightEMA

# Tasks
from .core.task import Task as Task
from .tasks import task_of as task_of
from .tasks.image_classification import ImageClassification as ImageClassification
from .tasks.text_classification import TextClassification as TextClassification
from .tasks.token_classification import TokenClassification as TokenClassification

# For the author of a method
from .core.method import Method as Method
from .core.preparation import BuildContext as BuildContext
from .core.preparation import Preparation as Preparation
from .core.settings import choice as choice
from .core.settings import non_negative as non_negative
from .core.settings import positive as positive
from .core.settings import setting as setting
from .core.settings import share as share
from .core.settings import threshold_setting as threshold_setting
from .core.step import Progress as Progress
from .core.step import Step as Step
from .core.step import Views as Views
from .functional.losses import mean_square as mean_square
from .functional.losses import pseudo_group_contrast as pseudo_group_contrast
from .functional.losses import soft_cross_entropy as soft_cross_entropy
from .functional.losses import tempered_divergence as tempered_divergence
from .functional.losses import two_view_contrast as two_view_contrast
from .functional.mixing import mix_up as mix_up
from .functional.pseudo_labels import best_class as best_class
from .functional.pseudo_labels import sharpen as sharpen
from .modules.classifier import Rows as Rows
from .modules.ema import EmaCopy as EmaCopy
from .modules.labeler import Labeler as Labeler
from .modules.part import Part as Part
from .modules.queues import ClassQueues as ClassQueues
from .modules.reference_model import Reference as Reference
from .modules.running_mean import RunningMean as RunningMean

# Words
from .data.words.word_data import WordData as WordData
from .data.words.word_encoding import encode_words as encode_words
from .data.words.tables.table_columns import WordColumns as WordColumns
from .data.words.load_words import load_words as load_words
from .data.words.load_words import read_unlabeled_words as read_unlabeled_words
from .data.words.load_words import read_words as read_words

# Texts
from .data.texts.text_data import TextData as TextData
from .data.texts.text_encoding import encode_texts as encode_texts
from .data.texts.load_texts import load_texts as load_texts
from .data.texts.load_texts import read_unlabeled_texts as read_unlabeled_texts

# Images
from .data.images.readings.image_data import ImageData as ImageData
from .data.images.pixels.image_opening import open_image as open_image
from .data.images.pixels.image_encoding import encode_images as encode_images
from .data.images.folders.image_folders import read_unlabeled_images as read_unlabeled_images
from .data.images.pixels.image_processors import image_input_of as image_input_of
from .data.images.pixels.image_processors import image_processor_of as image_processor_of
from .data.images.pixels.image_input import ImageInput as ImageInput
from .data.images.pixels.image_transforms import plain_view as plain_view
from .data.images.pixels.image_transforms import strong_view as strong_view
from .data.images.pixels.image_transforms import ten_crop_views as ten_crop_views
from .data.images.pixels.image_transforms import weak_view as weak_view
from .data.images.sources.load_images import load_images as load_images
from .data.images.pixels.pixel_ranges import PixelRanges as PixelRanges

# Splits and scores
from .data.splits import Split as Split
from .data.splits import draw_split as draw_split
from .metrics import accuracy_scores as accuracy_scores
from .metrics import entity_scores as entity_scores

# A run from flags, as the recipes and `hf-selftuning train` do it
from .experiment.command.command_end import run_main as run_main
from .experiment.saved_models.evaluation import Evaluation as Evaluation
from .experiment.saved_models.evaluation import evaluate_model as evaluate_model
from .experiment.command.flags import BudgetArguments as BudgetArguments
from .experiment.command.flags import FlagParser as FlagParser
from .experiment.command.flags import ModelArguments as ModelArguments
from .experiment.running.announcement import announce_run as announce_run
from .experiment.images.image_examples import read_image_data as read_image_data
from .experiment.images.image_examples import split_image_data as split_image_data
from .experiment.images.image_flags import ImageConfig as ImageConfig
from .experiment.images.image_flags import ImageDataArguments as ImageDataArguments
from .experiment.images.image_setup import ImageSetup as ImageSetup
from .experiment.images.image_setup import train_images as train_images
from .experiment.running.outputs import report_rows as report_rows
from .experiment.stages.plan import plan_rows as plan_rows
from .experiment.saved_models.predictions import Prediction as Prediction
from .experiment.saved_models.predictions import predict as predict
from .experiment.running.run import train_rows as train_rows
from .experiment.stages.run_folder import claim_folder as claim_folder
from .experiment.texts.text_answers import TextAnswer as TextAnswer
from .experiment.texts.text_answers import TextClassifier as TextClassifier
from .experiment.texts.text_examples import read_text_data as read_text_data
from .experiment.texts.text_examples import split_text_data as split_text_data
from .experiment.texts.text_flags import TextConfig as TextConfig
from .experiment.texts.text_flags import TextDataArguments as TextDataArguments
from .experiment.texts.text_setup import TextSetup as TextSetup
from .experiment.texts.text_setup import train_texts as train_texts
from .experiment.words.word_answers import EntityAnswer as EntityAnswer
from .experiment.words.word_answers import SentenceAnswer as SentenceAnswer
from .experiment.words.tagger import Tagger as Tagger
from .experiment.words.word_answers import WordAnswer as WordAnswer
from .experiment.words.word_examples import read_word_data as read_word_data
from .experiment.words.word_examples import split_word_data as split_word_data
from .experiment.words.word_flags import WordConfig as WordConfig
from .experiment.words.word_flags import WordDataArguments as WordDataArguments
from .experiment.words.word_setup import WordSetup as WordSetup
from .experiment.words.word_setup import train_words as train_words

# A comparison from flags, as `hf-selftuning compare` does it
from .comparison.arguments import CompareArguments as CompareArguments
from .comparison.run_grid import announce_grid as announce_grid
from .comparison.run_grid import compare as compare
from .comparison.run_grid import list_cells as list_cells
from .comparison.run_grid import parse_compare_flags as parse_compare_flags
from .comparison.run_grid import plan_grid as plan_grid
from .comparison.run_grid import train_grid as train_grid
from .comparison.run_grid import write_grid as write_grid
