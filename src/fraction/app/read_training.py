"""Read manifests and data sets from their blobs; both come from strangers."""

from pydantic import TypeAdapter, ValidationError

from fraction.base import Rejected
from fraction.training import Dataset, Manifest

_MANIFESTS: TypeAdapter[Manifest] = TypeAdapter(Manifest)
_DATASETS: TypeAdapter[Dataset] = TypeAdapter(Dataset)


def read_manifest(blob: bytes) -> Manifest:
    """Return the manifest that a blob holds; raise Rejected if it holds none."""
    try:
        manifest = _MANIFESTS.validate_json(blob)
    except ValidationError as error:
        raise Rejected("The blob is not the manifest of a training task.") from error
    if manifest.to_bytes() != blob:
        raise Rejected("The manifest is not written in canonical JSON, or has unknown fields.")
    return manifest


def read_dataset(blob: bytes) -> Dataset:
    """Return the data set that a blob holds; raise Rejected if it holds none."""
    try:
        dataset = _DATASETS.validate_json(blob)
    except ValidationError as error:
        raise Rejected("The blob is not a data set.") from error
    if not dataset.examples:
        raise Rejected("The data set is empty; there is nothing to learn from.")
    return dataset
