"""What goes on beside the steps while a run is open: baselines, the clock, the other nodes, left lines."""
