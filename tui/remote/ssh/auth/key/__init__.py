"""Keys to log in with: where they lie, what they are, which are offered first, and signatures."""
