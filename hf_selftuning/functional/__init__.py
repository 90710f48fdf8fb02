"""Pure functions of tensors: losses, pseudo-labels, mixing, class relationships, figures."""
