"""Whether Rollcall agrees with ssh(1): real servers, many set-ups, and each tried with both.

A set-up is a `Row` in ``rows/``, one file a class. `python -m tests.agreement` prints the table.
"""
