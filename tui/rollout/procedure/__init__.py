"""The steps of the procedure, one subject a file. Each says what runs, and judges what came of it."""
