"""The one exception of a rehearsal."""


class RehearsalError(Exception):
    """Something a person can put right; the text is one clear sentence for them."""
