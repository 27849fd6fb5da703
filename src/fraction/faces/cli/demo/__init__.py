"""The demonstration: the whole loop on real parts, and what it came to."""
