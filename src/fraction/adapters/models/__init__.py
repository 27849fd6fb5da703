"""Language models behind HTTP: any server that speaks the OpenAI chat API."""

from fraction.adapters.models.chat_client import ChatClient, ClientSettings

__all__ = ["ChatClient", "ClientSettings"]
