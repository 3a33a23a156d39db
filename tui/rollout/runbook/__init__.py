"""The plan on paper: what a person types and looks for when the update is done by hand, without Rollcall."""
