"""Semi-supervised fine-tuning in the Hugging Face Trainer."""

from .config import SelfTuningConfig as SelfTuningConfig
from .core.method import Method as Method
from .core.preparation import BuildContext as BuildContext
from .core.preparation import Preparation as Preparation
from .core.settings import choice as choice
from .core.settings import positive as positive
from .core.settings import setting as setting
from .core.settings import share as share
from .core.settings import threshold_setting as threshold_setting
from .core.step import Progress as Progress
from .core.step import Step as Step
from .core.step import Views as Views
from .core.task import Task as Task
from .methods import METHODS as METHODS
from .methods import SelfTuning as SelfTuning
from .methods import parse_method as parse_method
from .modules.ema import EmaCopy as EmaCopy
from .modules.part import Part as Part
from .modules.queues import ClassQueues as ClassQueues
from .modules.running_mean import RunningMean as RunningMean
from .modules.reference_model import Reference as Reference
from .tasks import ImageClassification as ImageClassification
from .tasks import TokenClassification as TokenClassification
from .training.trainer import SelfTuningTrainer as SelfTuningTrainer
