"""What Dolphin's programs accept and print: command lines, parsers, versions. No I/O."""
