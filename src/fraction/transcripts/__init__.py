"""What was said: messages, replies and the transcript of a Session, in order."""

from fraction.transcripts.message import Message, Role
from fraction.transcripts.reply import Place, Reply
from fraction.transcripts.transcript import Transcript

__all__ = ["Message", "Place", "Reply", "Role", "Transcript"]
