"""Menus, buttons and fields."""
