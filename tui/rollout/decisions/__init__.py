"""What happens next, and what a person can do about it."""
