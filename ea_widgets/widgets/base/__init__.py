"""What every widget shares: traits, links, background work, theme."""
