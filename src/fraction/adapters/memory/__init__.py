"""Every port in memory: the same behaviour as the real adapters, and nothing survives the process."""

from fraction.adapters.memory.clocks import FixedClock, ManualClock
from fraction.adapters.memory.engine import ThreadEngine
from fraction.adapters.memory.models import FunctionModel
from fraction.adapters.memory.outbox import MemoryOutbox
from fraction.adapters.memory.stores import (
    MemoryAgents,
    MemoryBlobs,
    MemoryCheckpoints,
    MemoryLogs,
    MemoryRecords,
    MemoryTokens,
)

__all__ = [
    "FixedClock",
    "FunctionModel",
    "ManualClock",
    "MemoryAgents",
    "MemoryBlobs",
    "MemoryCheckpoints",
    "MemoryLogs",
    "MemoryOutbox",
    "MemoryRecords",
    "MemoryTokens",
    "ThreadEngine",
]
