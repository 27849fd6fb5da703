"""Step programs run in numpy with every value kept: what a node does with a disputed step, and a small job to try."""
