"""The corpus that the embedded model learns from, written on the fly from a seed."""
