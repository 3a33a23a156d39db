"""SSH: connections, host identity, detached jobs. Knows nothing of steps."""
