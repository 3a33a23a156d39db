"""Tests of what Dolphin's programs accept and print."""
