"""Settings read once, ports joined: the one package that knows which adapter stands behind which port.

Importing it is cheap: what is heavy (torch, web3, the database) is imported where it is joined.
"""

from fraction.wiring.chain import RunningChain, escrow_for_replay, start_chain
from fraction.wiring.deployments import ChainTarget, deploy_contracts, plan_deployment, verify_deployment
from fraction.wiring.models import clock, embedded_model, text_engine, trial_kit
from fraction.wiring.nodes import NodeSettings, RunningNode, build_judge, build_training_node
from fraction.wiring.platform import PlatformSettings, RunningPlatform, start_platform
from fraction.wiring.wallets import open_wallet
from fraction.wiring.world import World

__all__ = [
    "ChainTarget",
    "NodeSettings",
    "PlatformSettings",
    "RunningChain",
    "RunningNode",
    "RunningPlatform",
    "World",
    "build_judge",
    "build_training_node",
    "clock",
    "deploy_contracts",
    "embedded_model",
    "escrow_for_replay",
    "open_wallet",
    "plan_deployment",
    "start_chain",
    "start_platform",
    "text_engine",
    "trial_kit",
    "verify_deployment",
]
