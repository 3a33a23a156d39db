"""The append-only record of a run: store, output files, report. Knows nothing of SSH."""
