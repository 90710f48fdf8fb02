"""What is logged, and whether unlabelled data helps."""
