"""Private keys and secrets in files of mode 0600."""

from fraction.adapters.keys.folder import KeyFolder, key_at
from fraction.adapters.keys.secrets import SystemSecrets, operator_secret

__all__ = ["KeyFolder", "SystemSecrets", "key_at", "operator_secret"]
