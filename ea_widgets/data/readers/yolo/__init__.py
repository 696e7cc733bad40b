"""YOLO text files: labels and predictions as shares of the image, one file per image."""
