"""Words for people: what nodes write made safe to read and to show, and what a run does as sentences."""
