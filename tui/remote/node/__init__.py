"""The shell scripts that are sent to a node, as package data."""
