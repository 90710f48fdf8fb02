"""`python -m hf_selftuning.cli` is `hf-selftuning`; `accelerate launch -m hf_selftuning.cli` starts many processes."""

from .main import main

raise SystemExit(main())
