"""Tables whose rows name images and their classes."""
