"""The engine: procedure, gate, steps. The only place that decides."""
