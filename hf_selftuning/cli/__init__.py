"""The console script `hf-selftuning`: a sub-command a file."""
