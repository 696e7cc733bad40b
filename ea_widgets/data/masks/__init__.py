"""Masks: encoding and areas."""
