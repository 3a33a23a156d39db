"""How a run is opened: found, compared with its file, recorded, checked when new, recovered when not."""
