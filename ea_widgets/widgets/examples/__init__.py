"""Pictures of single objects."""
