"""The line-by-line front end: for screen readers, pipes, scripts and CI."""
