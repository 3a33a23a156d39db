"""A console that only looks, and the run that it follows."""
