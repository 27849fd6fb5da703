"""Blobs by the SHA-256 of their bytes: on disk, from other nodes over HTTP, and served to them."""

from fraction.adapters.blobs.cached import CachedBlobs
from fraction.adapters.blobs.cid import cid_of
from fraction.adapters.blobs.disk import DiskBlobs
from fraction.adapters.blobs.peers import HttpBlobs, PeerSettings
from fraction.adapters.blobs.server import BlobServer, serve_blobs

__all__ = [
    "BlobServer",
    "CachedBlobs",
    "DiskBlobs",
    "HttpBlobs",
    "PeerSettings",
    "cid_of",
    "serve_blobs",
]
