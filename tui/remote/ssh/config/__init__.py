"""What ssh_config says of a node, and what of it is honoured."""
