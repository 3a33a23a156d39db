"""Who may act on the cluster: a claim on each of its machines."""
