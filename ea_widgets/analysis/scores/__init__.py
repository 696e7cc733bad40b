"""Average precision, recall, and the COCO numbers."""
