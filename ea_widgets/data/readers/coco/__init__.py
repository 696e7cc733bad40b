"""COCO JSON: labels and results."""
