"""A simulated cluster on loopback: real SSH servers, real /bin/sh, simulated eXpressWare."""
