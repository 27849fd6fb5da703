"""Face: the workers. `python -m fraction.faces.node chain | judge | trainer | verifier | replay`."""
