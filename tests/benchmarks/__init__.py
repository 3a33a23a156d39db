"""Figures of the console, always as ratios within one run: absolute times say more about the machine."""
