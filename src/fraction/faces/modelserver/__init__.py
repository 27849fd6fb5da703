"""The model server: the OpenAI chat API in front of a text engine."""

from fraction.faces.modelserver.api import create_app
from fraction.faces.modelserver.serve import serve

__all__ = ["create_app", "serve"]
