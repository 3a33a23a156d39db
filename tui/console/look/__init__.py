"""Signs, styles and themes."""
