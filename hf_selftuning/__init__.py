"""Semi-supervised fine-tuning in the Hugging Face Trainer.

Each public name is imported when it is first asked for, so that `import hf_selftuning` alone loads neither torch nor
transformers. The list of names is `__init__.pyi`, which type checkers read too.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
