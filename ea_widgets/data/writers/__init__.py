"""Writers: what was read can be written again."""
