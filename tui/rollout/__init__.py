"""The engine: opens a run, decides what happens next, and carries it out. The only place that decides."""
