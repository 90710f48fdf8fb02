"""Semi-supervised fine-tuning in the Hugging Face Trainer.

Each public name is imported when it is first used, so that `import hf_selftuning` alone loads neither torch nor
transformers. The file `__init__.pyi` lists the names; type checkers read it too.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
