"""The training task as it is published: whoever has it can do the same work and compare."""

from dataclasses import dataclass

from fraction.base import AgentId, Digest, SpaceId, canonical_json, sha256_of
from fraction.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Manifest:
    """All inputs of one training, by digest."""

    agent: AgentId
    space: SpaceId
    base: Digest
    """The digest of the base model's weights file."""
    dataset: Digest
    recipe: Recipe
    published: Digest
    """The published recipe that `recipe` follows from, with the number of examples."""
    arithmetic: str
    """The class of machine within which results are equal bit for bit, such as `torch-cpu-fp32`."""
    specification: Digest | None = None
    """Names everything that is computed, for the referee contract; None where a quorum alone decides."""

    def to_bytes(self) -> bytes:
        """Return the blob whose digest goes on chain."""
        return canonical_json(
            {
                "agent": self.agent,
                "space": self.space,
                "base": self.base,
                "dataset": self.dataset,
                "recipe": self.recipe.to_json(),
                "published": self.published,
                "arithmetic": self.arithmetic,
                "specification": self.specification,
            }
        )

    def digest(self) -> Digest:
        """Return the name by which the training registry knows this task."""
        return sha256_of(self.to_bytes())
