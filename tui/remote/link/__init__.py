"""Staying connected to a node: logins, heartbeats, reconnecting, and the threads below."""
