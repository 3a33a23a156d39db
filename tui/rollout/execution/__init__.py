"""Carrying out what was decided: attempts, their starts and ends, and the events that say so."""
