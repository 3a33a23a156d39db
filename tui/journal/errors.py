"""What can go wrong with the record, in sentences for people."""


class JournalError(Exception):
    """The journal cannot be read or written; the text is one sentence: which file, which line, what to do."""


class LockHeldError(Exception):
    """Another console leads the cluster; the text says who, where, since when and what to do."""
