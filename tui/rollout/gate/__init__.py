"""May a node go out now? The rule, the looks that it rests on, and the watch over the other nodes."""
