"""Identities: distinct types, so a Session can never be passed where a Space is meant."""

from typing import NewType

AgentId = NewType("AgentId", str)
"""64 lower-case hex characters: the bytes32 that names the agent on chain."""

NodeId = NewType("NodeId", str)
"""A node is its address."""

SessionId = NewType("SessionId", str)
"""`<chain id>-<session number on that chain's escrow>`, such as `31337-7`."""

SpaceId = NewType("SpaceId", str)
"""A Space's name in a path, such as `writing-tweets`."""

Address = NewType("Address", str)
"""An account on chain: `0x` and 40 hex characters in the EIP-55 checksum form."""
