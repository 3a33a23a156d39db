"""May a node go out now? The rule, and the looks at nodes and cluster that it rests on."""
