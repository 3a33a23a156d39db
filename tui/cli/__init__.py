"""The command line: one file per group of commands; arguments in, exit code out."""
