"""Private keys on disk, one file each, readable by their owner alone."""

from fraction.adapters.keys.folder import KeyFolder, key_at

__all__ = ["KeyFolder", "key_at"]
