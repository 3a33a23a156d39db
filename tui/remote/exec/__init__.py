"""What runs on a node: scripts, detached jobs, transfers, reboots."""
