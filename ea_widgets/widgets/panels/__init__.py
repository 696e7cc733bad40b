"""The widgets that answer a question."""
