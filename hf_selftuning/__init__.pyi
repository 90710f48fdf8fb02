"""Every public name, once; `__init__.py` imports each when it is asked for, and docs/api.md documents each."""

# Training
from .config import SelfTuningConfig as SelfTuningConfig
from .report.card_facts import About as About
from .training.trainer import SelfTuningTrainer as SelfTuningTrainer

# Methods
from .methods import METHODS as METHODS
from .methods import parse_method as parse_method
from .methods.bi_tuning import BiTuning as BiTuning
from .methods.bss import BSS as BSS
from .methods.co_tuning import CoTuning as CoTuning
from .methods.debiasmatch import DebiasMatch as DebiasMatch
from .methods.delta import DELTA as DELTA
from .methods.distillation import Distillation as Distillation
from .methods.fixmatch import FixMatch as FixMatch
from .methods.flexmatch import FlexMatch as FlexMatch
from .methods.freematch import FreeMatch as FreeMatch
from .methods.l2_sp import L2SP as L2SP
from .methods.lp_ft import LPFT as LPFT
from .methods.mean_teacher import MeanTeacher as MeanTeacher
from .methods.mixmatch import MixMatch as MixMatch
from .methods.noisy_student import NoisyStudent as NoisyStudent
from .methods.pi_model import PiModel as PiModel
from .methods.pseudo_labeling import PseudoLabeling as PseudoLabeling
from .methods.remixmatch import ReMixMatch as ReMixMatch
from .methods.self_tuning import SelfTuning as SelfTuning
from .methods.simclr import SimCLR as SimCLR
from .methods.simclr_v2 import SimCLRv2 as SimCLRv2
from .methods.tf_kd import TfKD as TfKD
from .methods.uda import UDA as UDA

# Tasks
from .core.task import Task as Task
from .tasks import task_of as task_of
from .tasks.image_classification import ImageClassification as ImageClassification
from .tasks.token_classification import TokenClassification as TokenClassification

# For the author of a method
from .core.method import Method as Method
from .core.settings import choice as choice
from .core.settings import positive as positive
from .core.settings import setting as setting
from .core.settings import share as share
from .core.step import Preparation as Preparation
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
from .modules.queues import ClassQueues as ClassQueues
from .modules.running_mean import RunningMean as RunningMean

# Words
from .data.word_data import WordData as WordData
from .data.word_encoding import encode_words as encode_words
from .data.word_tables import WordColumns as WordColumns
from .data.words import load_words as load_words
from .data.words import read_unlabeled_words as read_unlabeled_words
from .data.words import read_words as read_words

# Images
from .data.image_data import ImageData as ImageData
from .data.image_data import open_image as open_image
from .data.image_encoding import encode_images as encode_images
from .data.image_folders import read_unlabeled_images as read_unlabeled_images
from .data.image_processors import image_input_of as image_input_of
from .data.image_processors import image_processor_of as image_processor_of
from .data.image_transforms import ImageInput as ImageInput
from .data.image_transforms import plain_view as plain_view
from .data.image_transforms import strong_view as strong_view
from .data.image_transforms import ten_crop_views as ten_crop_views
from .data.image_transforms import weak_view as weak_view
from .data.images import load_images as load_images

# Splits and scores
from .data.splits import Split as Split
from .data.splits import draw_split as draw_split
from .metrics import accuracy_scores as accuracy_scores
from .metrics import entity_scores as entity_scores
