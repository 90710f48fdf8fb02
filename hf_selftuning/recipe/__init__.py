"""What the recipes share: arguments, models, views, and the comparison of methods from one start."""
