"""Proving to a server who logs in: keys, passwords, answers to its questions."""
