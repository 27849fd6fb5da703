"""Calls to addresses that strangers name: only where the public internet is, and nowhere by a detour."""

from fraction.adapters.outward.addresses import is_public
from fraction.adapters.outward.guarded_http import GuardedHttp, GuardSettings

__all__ = ["GuardSettings", "GuardedHttp", "is_public"]
