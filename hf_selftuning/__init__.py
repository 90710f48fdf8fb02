"""Semi-supervised fine-tuning in the Hugging Face Trainer."""

from .config import SelfTuningConfig as SelfTuningConfig
from .method import Method as Method
from .method import setting as setting
from .methods import METHODS as METHODS
from .methods import SelfTuning as SelfTuning
from .methods import parse_method as parse_method
from .task import Task as Task
from .tasks import ImageClassification as ImageClassification
from .tasks import TokenClassification as TokenClassification
from .trainer import SelfTuningTrainer as SelfTuningTrainer
