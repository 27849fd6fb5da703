"""The text engine of this process: one base, many adapters, one thread that keeps all rows busy.

submit (any thread)           worker thread
check, tokenise, fetch   ──▶  admit into a free row ──▶ step all rows ──▶ replies
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from fraction.adapters.lora.adapter_file import Adapter, unpack_adapter
from fraction.adapters.lora.bank import BARE, Bank
from fraction.adapters.lora.base import Base
from fraction.adapters.lora.constraint import Grammars
from fraction.adapters.lora.decoder import Decoder, Prompt
from fraction.adapters.lora.sampling import Choice, choose
from fraction.adapters.lora.writer import Writer
from fraction.app.generation import ChatReply, ChatRequest, OnPiece, Overloaded
from fraction.app.ports import BlobReader
from fraction.base import Digest, NotFound, Rejected, Unavailable

BASE_NAME = "base"
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How much the engine holds at once."""

    rows: int = 8
    """Replies written at the same time; more are quicker together and slower each."""
    slots: int = 32
    """Adapters in the bank; at least `rows`, as each row may use another."""
    max_rank: int = 16
    """Largest rank taken; every slot has room for it."""
    context_tokens: int | None = None
    """Prompt and reply together; None is what the base was made for, at most 4096."""
    queue: int = 256
    """Requests that may wait; one more is told to come back later."""
    adapters_in_memory: int = 256
    """Checked adapters kept beside the bank, so that a return to the bank needs no fetch."""


@dataclass(slots=True)
class _Job:
    prompt: list[int]
    digest: Digest | None
    adapter: Adapter | None
    writer: Writer
    reply: "Future[ChatReply]"
    slot: int = BARE
    row: int = -1


class LocalTextEngine:
    """Answers chats with one base and any adapter of it; see `fraction.app.generation.TextEngine`."""

    def __init__(self, base: Base, blobs: BlobReader, settings: EngineSettings | None = None) -> None:
        """Start the worker; `base` must not be used by anything else from now on."""
        self._settings = settings or EngineSettings()
        limit = self._settings.context_tokens or min(base.context_tokens, 4096)
        self._base, self._blobs, self._context = base, blobs, limit
        self._bank = Bank(base, max(self._settings.slots, self._settings.rows), self._settings.max_rank)
        self._decoder = Decoder(base, self._bank, self._settings.rows, limit)
        self._grammars = Grammars(base.chat, int(base.model.config.vocab_size))  # pyright: ignore - has it
        self._adapters: OrderedDict[Digest, Adapter] = OrderedDict()
        self._waiting: deque[_Job] = deque()
        self._active: dict[int, _Job] = {}
        self._change = threading.Condition()
        self._closed = False
        self._worker = threading.Thread(target=self._work, name="text-engine", daemon=True)
        self._worker.start()

    @property
    def context_tokens(self) -> int:
        """How many tokens prompt and reply may have together."""
        return self._context

    def models(self) -> tuple[str, ...]:
        """Return the names that can be asked now: the base first, then the adapters in memory."""
        with self._change:
            return (BASE_NAME, *(f"{BASE_NAME}:{digest}" for digest in self._adapters))

    def complete(self, request: ChatRequest) -> ChatReply:
        """Return the reply to `request`; see `submit` for the errors."""
        return self.submit(request).result()

    def submit(self, request: ChatRequest, on_piece: OnPiece | None = None) -> "Future[ChatReply]":
        """Queue `request`; return its reply to come. Cancelling the future stops the work.

        Raises:
            Rejected: the request is at fault; NotFound if it names an unknown model.
            Overloaded: too many requests wait already.
            Unavailable: the engine is closed.
        """
        self._check_room()
        digest = _adapter_of(request.model)
        adapter = None if digest is None else self._adapter(digest)
        prompt = self._base.chat.prompt_tokens(request.messages)
        limit = self._limit(len(prompt), request.max_tokens)
        constraint = None if request.json_schema is None else self._grammars.start(request.json_schema)
        writer = Writer(self._base.chat, request, len(prompt), limit, constraint, on_piece)
        job = _Job(prompt, digest, adapter, writer, Future())
        with self._change:
            self._check_room()
            self._waiting.append(job)
            self._change.notify()
        return job.reply

    def close(self) -> None:
        """Stop the worker; whoever waits gets Unavailable."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._worker.join()

    def _check_room(self) -> None:
        if self._closed:
            raise Unavailable("The text engine is closed; start the model server again.")
        if len(self._waiting) >= self._settings.queue:
            raise Overloaded(f"{self._settings.queue} requests wait already; ask again in a second.")

    def _limit(self, prompt: int, asked: int | None) -> int:
        room = self._context - prompt
        if room < 1:
            raise Rejected(
                f"The messages have {prompt} tokens and this model's context is {self._context} tokens, "
                "reply included; shorten them."
            )
        return room if asked is None else min(asked, room)

    def _adapter(self, digest: Digest) -> Adapter:
        """Return a checked adapter, fetched by digest if it is not in memory."""
        with self._change:
            known = self._adapters.get(digest)
            if known is not None:
                self._adapters.move_to_end(digest)
                return known
        blob = self._blobs.fetch(digest)
        adapter = unpack_adapter(blob, self._bank.shapes, self._settings.max_rank)
        with self._change:
            self._adapters[digest] = adapter
            while len(self._adapters) > self._settings.adapters_in_memory:
                self._adapters.popitem(last=False)
        return adapter

    def _work(self) -> None:
        while True:
            with self._change:
                while not (self._closed or self._waiting or self._active):
                    self._change.wait()
                if self._closed:
                    break
                coming = [self._waiting.popleft() for _ in range(self._room())]
            self._admit(coming)
            if self._active:
                self._step()
        self._fail([*self._active.values(), *self._waiting], Unavailable("The text engine was closed; ask again."))

    def _room(self) -> int:
        return min(len(self._waiting), self._settings.rows - len(self._active))

    def _admit(self, jobs: list[_Job]) -> None:
        waiting = [job for job in jobs if not job.reply.cancelled()]
        ready = [job for job in waiting if self._guarded([job], partial(self._take_slot, job))]
        self._guarded(ready, partial(self._begin, ready))

    def _take_slot(self, job: _Job) -> None:
        if job.digest is not None and job.adapter is not None:
            self._bank.put(job.digest, job.adapter)
            job.slot = self._bank.hold(job.digest) or BARE

    def _begin(self, jobs: list[_Job]) -> None:
        """Run the prompts of those jobs and write their first tokens."""
        started = self._decoder.admit([Prompt(job.prompt, job.slot) for job in jobs])
        for job, (row, _) in zip(jobs, started, strict=True):
            job.row = row
            self._active[row] = job
        self._write(jobs, [logits for _, logits in started])

    def _step(self) -> None:
        for job in [job for job in self._active.values() if job.reply.cancelled()]:
            self._leave(job)
        jobs = list(self._active.values())
        self._guarded(jobs, partial(self._go_on, jobs))

    def _go_on(self, jobs: list[_Job]) -> None:
        """Write the next token of all active jobs."""
        if jobs:
            logits = self._decoder.step({job.row: job.writer.tokens[-1] for job in jobs})
            self._write(jobs, [logits[job.row] for job in jobs])

    def _write(self, jobs: list[_Job], logits: list[Tensor]) -> None:
        """Choose the next token of each job from its float (vocabulary,), and let it write."""
        choices: dict[int, Choice] = {}
        able = [
            (job, its.cpu())
            for job, its in zip(jobs, logits, strict=True)
            if self._guarded([job], lambda job=job: choices.update({job.row: job.writer.choice()}))
        ]
        if able:
            tokens = choose(torch.stack([its for _, its in able]), [choices[job.row] for job, _ in able])
            for (job, its), token in zip(able, tokens, strict=True):
                self._guarded([job], partial(self._write_one, job, token, its))

    def _write_one(self, job: _Job, token: int, logits: Tensor) -> None:
        if job.writer.write(token, logits) is None:
            self._leave(job)
            if job.reply.set_running_or_notify_cancel():
                job.reply.set_result(job.writer.reply())

    def _leave(self, job: _Job) -> None:
        if job.row >= 0:
            del self._active[job.row]
            self._decoder.free(job.row)
            job.row = -1
        if job.slot != BARE and job.digest is not None:
            self._bank.release(job.digest)
            job.slot = BARE

    def _guarded(self, jobs: list[_Job], act: Callable[[], None]) -> bool:
        """Do a part of those jobs, and return whether it was done; its failure is theirs and the worker goes on."""
        try:
            act()
        except RuntimeError as error:  # torch: out of memory and the like
            self._fail(jobs, Unavailable(f"The model failed ({error}); ask again."))
            return False
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for these replies
            self._fail(jobs, error)
            return False
        return True

    def _fail(self, jobs: list[_Job], error: Exception) -> None:
        for job in jobs:
            self._leave(job)
            if not job.reply.done() and job.reply.set_running_or_notify_cancel():
                job.reply.set_exception(error)


def _adapter_of(model: str) -> Digest | None:
    """Return the digest in a model's name; None for the bare base."""
    name, _, digest = model.partition(":")
    if name != BASE_NAME or (":" in model and not (len(digest) == 64 and _HEX.issuperset(digest))):
        raise NotFound(f"There is no model {model[:100]!r}; ask for `base` or `base:<adapter digest>`.")
    return Digest(digest) if digest else None
