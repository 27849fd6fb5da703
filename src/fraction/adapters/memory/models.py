"""A language model that is a plain function: for trying rules and verbs without any weights."""

from collections.abc import Callable

from fraction.app.generation import ChatReply, ChatRequest


class FunctionModel:
    """Answers by calling a function; a `ChatModel`."""

    def __init__(self, answer: Callable[[ChatRequest], str]) -> None:
        """Answer with what `answer` returns; what it raises is passed on."""
        self._answer = answer

    def complete(self, request: ChatRequest) -> ChatReply:
        """Return the function's answer; tokens are counted as words."""
        text = self._answer(request)
        prompt = sum(len(message.content.split()) for message in request.messages)
        return ChatReply(text, "stop", prompt, len(text.split()))
