"""Semi-supervised fine-tuning in the Hugging Face Trainer."""
