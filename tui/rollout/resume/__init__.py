"""What a run finds when it is opened: its journal, its cluster file, and what has to be recovered."""
