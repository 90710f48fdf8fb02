"""What images and texts share: examples of one class each, from the reading to the checked parts."""
