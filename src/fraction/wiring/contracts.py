"""What the contracts are built with on each chain."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fraction.adapters.ethereum.deploy import DeploymentSettings
    from fraction.adapters.ethereum.specs import ChainSpec

_PUBLIC_THAW_SECONDS = 14 * 86_400
_LOCAL_MOVE_SECONDS = 180
"""For a move in a dispute: its longest computes a whole step again, beside nine other processes."""


def deployment_settings(spec: "ChainSpec") -> "DeploymentSettings":
    """Return what the contracts are built with on a chain."""
    from fraction.adapters.ethereum.account import Account, dev_key
    from fraction.adapters.ethereum.deploy import DeploymentSettings

    if spec.mines_on_demand:
        treasury = Account.from_key(dev_key(1)).address
        return DeploymentSettings(treasury=treasury, move_seconds=_LOCAL_MOVE_SECONDS)
    return DeploymentSettings(thaw_seconds=_PUBLIC_THAW_SECONDS)
