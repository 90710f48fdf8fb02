"""What a run logs, and whether its unlabelled data helps."""
