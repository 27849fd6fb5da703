"""Jobs that outlive the process that began them, on DBOS Transact."""

from fraction.adapters.engine.dbos_engine import DbosEngine
from fraction.adapters.engine.settings import EngineSettings

__all__ = ["DbosEngine", "EngineSettings"]
