"""The nouns: cluster file, run, node, step, attempt, event; state as a pure fold over events. No I/O."""
