"""Questions and frozen answers: match once, fold many times."""
