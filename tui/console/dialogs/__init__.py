"""Questions to a person: each ends with ``dismiss(value)`` and submits nothing itself."""
