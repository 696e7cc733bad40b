"""Numbers from the pixels of images and crops."""
