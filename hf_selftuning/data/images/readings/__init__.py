"""What every reader of images gives, and the common form of image data."""
