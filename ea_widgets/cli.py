"""The command `ea-widgets`."""
