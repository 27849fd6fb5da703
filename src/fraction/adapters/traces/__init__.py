"""Step programs run in numpy with every value kept: what a node does when one step is disputed, and a small job to try."""
