"""One script on one channel of a login: what is sent, how it becomes root, and what it answers."""
