"""The console script `hf-selftuning`, with one module for each sub-command."""
