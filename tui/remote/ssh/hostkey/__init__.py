"""Whether the server is the one it should be: known_hosts, host certificates."""
