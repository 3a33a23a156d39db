"""The terminal as this console writes to it: no more than what differs, and no faster than it is drawn."""
