"""Semi-supervised fine-tuning in the Hugging Face Trainer."""

from .config import SelfTuningConfig as SelfTuningConfig
from .core.method import Method as Method
from .core.method import setting as setting
from .core.task import Task as Task
from .methods import METHODS as METHODS
from .methods import SelfTuning as SelfTuning
from .methods import parse_method as parse_method
from .tasks import ImageClassification as ImageClassification
from .tasks import TokenClassification as TokenClassification
from .training.trainer import SelfTuningTrainer as SelfTuningTrainer
