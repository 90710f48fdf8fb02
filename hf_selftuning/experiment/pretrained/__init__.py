"""Which pretrained model a run takes, and which head it gets."""
