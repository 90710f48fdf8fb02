"""What is known before training, from the frozen features of the pretrained model."""
