"""State in words and signs: pure functions from the run to what a widget shows."""
