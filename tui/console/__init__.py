"""The Textual front end: draws state, turns keys into intents."""
