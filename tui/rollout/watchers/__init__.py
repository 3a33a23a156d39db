"""What an open run watches beside its steps, each until cancelled, and what it writes down for it."""
