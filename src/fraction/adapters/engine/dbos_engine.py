"""The durable engine: one DBOS workflow a job, which loops over the job's step until it is done.

              start                 done
    (nothing) ─────▶ running ──────────────────▶ done
                     │  ▲ ▲ └─ Unavailable: wait and go on, for ever
       kill, restart │  │ └─── start, or a restart of the process
                     ▼  │                        │
                   running      tries used up ─▶ failed (with its reason)

What DBOS keeps is that the job exists, and how it ended. What a job has done so far is kept by its step (a
Session's log, an outbox), so the workflow records no steps: a job of a million steps is one row, and a step
that ran shortly before a kill runs once more, which the port allows. docs/adr/0002-durable-engine.md says
why that is better than checkpoints.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import TypeVar

from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID
from dbos import error as dbos_error
from sqlalchemy.exc import SQLAlchemyError

from fraction.adapters.engine.lock import take_lock
from fraction.adapters.engine.loop import Job, Loop
from fraction.adapters.engine.orphans import OrphanWatch
from fraction.adapters.engine.settings import EngineSettings
from fraction.adapters.engine.trouble import TroubleLog, first_line
from fraction.app.ports import Progress
from fraction.base import Rejected, Unavailable

_LOGGER = logging.getLogger("fraction.engine")
_WORKFLOW = "fraction.job"
_VERSION = "engine-1"
"""Never changes: DBOS only goes on with jobs of its own version, and by default every new source is one."""
_RUNNING = ["PENDING", "ENQUEUED", "DELAYED"]

Answer = TypeVar("Answer")


class DbosEngine:
    """Runs jobs step by step until they are done, across kills and restarts; an `Engine`.

    DBOS has one instance a process, so one of these can be launched at a time.
    """

    _launched = Lock()

    def __init__(self, settings: EngineSettings, on_trouble: Callable[[str], None] = _LOGGER.warning) -> None:
        """Prepare; nothing is opened before `launch`.

        Args:
            settings: where and how patiently
            on_trouble: is told, in a sentence, of each error that a step raises; without it they are logged
        """
        self._settings = settings
        self._on_trouble = on_trouble
        self._loop = Loop(settings, on_trouble)
        self._let_go: Callable[[], None] | None = None
        self._watch: OrphanWatch | None = None
        self._log = TroubleLog(on_trouble)
        # DBOS notes what a workflow asks of it and answers the same after a kill; asking from a thread
        # outside all workflows gives today's answer, and works under an event loop, too
        self._calls: ThreadPoolExecutor | None = None

    def register(self, kind: str, step: Callable[[str], Progress]) -> None:
        """Say how jobs of a kind advance; `step` is given the job's name.

        Raises:
            Rejected: the kind holds a slash.
        """
        if "/" in kind or not kind:
            raise Rejected(f"A kind of job is a word without slash; {kind!r} is none.")
        self._loop.steps[kind] = step

    def launch(self) -> None:
        """Begin to work; unfinished jobs of an earlier process go on, and failed ones are tried anew.

        Raises:
            Rejected: an engine is running in this process.
            Unavailable: the database cannot be used, or another process is running its jobs.
        """
        if not self._launched.acquire(blocking=False):
            raise Rejected("An engine is running in this process already; close it first.")
        try:
            self._let_go = take_lock(self._settings.url, self._settings.executor)
            self._calls = ThreadPoolExecutor(1, thread_name_prefix="fraction-engine-calls")
            self._call(self._launch)
        except BaseException:
            self._release()
            raise

    def start(self, kind: str, name: str) -> None:
        """Start the job; a job of that kind and name that exists already goes on unchanged.

        A job that has failed is tried anew.

        Raises:
            Rejected: nobody registered the kind, or the engine was not launched.
            Unavailable: the database cannot be used.
        """
        if kind not in self._loop.steps:
            raise Rejected(f"No job of kind {kind} can run here; register the kind first.")
        self._call(lambda: self._start(kind, name))

    def wake(self, kind: str, name: str) -> None:
        """Let the job take its next step now, whatever wait it asked for."""
        self._loop.wake((kind, name))

    def pending(self) -> tuple[Job, ...]:
        """Return kind and name of every job that is neither done nor failed, oldest first."""
        return self._call(
            lambda: tuple(
                _job_of(status.workflow_id)
                for status in DBOS.list_workflows(name=_WORKFLOW, status=_RUNNING, load_input=False, load_output=False)
            )
        )

    def failures(self) -> tuple[tuple[str, str, str], ...]:
        """Return kind, name and reason of every job that has failed, oldest first."""
        return self._call(
            lambda: tuple(
                (*_job_of(status.workflow_id), str(status.error))
                for status in DBOS.list_workflows(name=_WORKFLOW, status="ERROR", load_input=False)
            )
        )

    def close(self) -> None:
        """Stop working after the steps that are under way; what is unfinished stays so."""
        if self._calls is not None:
            self._release()

    def _launch(self) -> None:
        self._log.attach()
        DBOS(
            config={
                "name": "fraction",
                "system_database_url": self._settings.url,
                "application_version": _VERSION,
                "executor_id": self._settings.executor,
                "serializer": DBOSPortableJSONSerializer(),
                "notification_listener_polling_interval_sec": self._settings.poll_seconds,
                "log_level": "ERROR",
                "enable_otlp": False,
            }
        )
        self._loop.open()
        self._workflow = DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None)(self._loop.job())
        DBOS.launch()
        for status in DBOS.list_workflows(name=_WORKFLOW, status="ERROR", load_input=False):
            DBOS.rewind_workflow(status.workflow_id)
        self._watch = OrphanWatch(self._settings.look_seconds, self._orphans, self._on_trouble)

    def _orphans(self) -> set[Job]:
        said_to_run = DBOS.list_workflows(
            name=_WORKFLOW,
            status="PENDING",
            executor_id=self._settings.executor,
            load_input=False,
            load_output=False,
        )
        return {_job_of(status.workflow_id) for status in said_to_run} - self._loop.running()

    def _start(self, kind: str, name: str) -> None:
        with SetWorkflowID(f"{kind}/{name}"):
            handle = DBOS.start_workflow(self._workflow, kind, name)
        if handle.get_status().status == "ERROR":
            with suppress(dbos_error.DBOSException):  # it is running again: another caller was faster
                DBOS.rewind_workflow(handle.get_workflow_id())

    def _call(self, ask: Callable[[], Answer]) -> Answer:
        if self._calls is None:
            raise Rejected("The engine is not running; launch it first.")
        try:
            return self._calls.submit(ask).result()
        except SQLAlchemyError as error:
            raise Unavailable(
                f"The engine's database cannot be used ({first_line(error)}); check the disk or the server,"
                " and try again."
            ) from error

    def _release(self) -> None:
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self._loop.close()
        if self._calls is not None:
            self._calls.submit(lambda: DBOS.destroy(destroy_registry=True)).result()
            self._calls.shutdown()
            self._calls = None
        self._log.detach()
        if self._let_go is not None:
            self._let_go()
            self._let_go = None
        self._launched.release()


def _job_of(workflow: str) -> Job:
    kind, _, name = workflow.partition("/")
    return kind, name
