"""Read a transcript from its blob, believing nothing that the chain does not bind."""

from pydantic import TypeAdapter, ValidationError

from fraction.base import Digest, Rejected, SessionId
from fraction.transcripts import Place, Reply, Transcript

_ROWS: TypeAdapter[list[dict[str, str | int | None]]] = TypeAdapter(list[dict[str, str | int | None]])
_DOCUMENT: TypeAdapter[dict[str, object]] = TypeAdapter(dict[str, object])


def read_transcript(blob: bytes, space: Digest, entrants: int) -> Transcript:
    """Return the transcript that `blob` holds.

    Raises:
        Rejected: it is not one, or is of another Space or number of entrants than the chain says.
    """
    try:
        document = _DOCUMENT.validate_json(blob)
        rows = _ROWS.validate_python(document.get("replies"))
        transcript = Transcript(
            session=SessionId(str(document["session"])),
            space=Digest(str(document["space"])),
            seed=str(document["seed"]),
            entrants=int(str(document["entrants"])),
            replies=tuple(_reply(row) for row in rows),
        )
    except (ValidationError, KeyError, ValueError) as error:
        raise Rejected(f"The blob is not a transcript: {error!s:.100}") from error
    if transcript.space != space or transcript.entrants != entrants:
        raise Rejected("The transcript is of another Space or number of entrants than the chain says.")
    if transcript.to_bytes() != blob:
        raise Rejected("The transcript is not written in canonical JSON.")
    return transcript


def _reply(row: dict[str, str | int | None]) -> Reply:
    def number(key: str) -> int:
        return int(str(row[key]))

    adapter = row["adapter"]
    return Reply(
        place=Place(number("round"), number("duel"), number("turn"), number("ticket")),
        text=str(row["text"]),
        model=str(row["model"]),
        adapter=None if adapter is None else Digest(str(adapter)),
        seed=number("seed"),
        prompt_tokens=number("prompt_tokens"),
        completion_tokens=number("completion_tokens"),
        finish=str(row["finish"]),
    )
