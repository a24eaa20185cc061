"""One warm container: started once, commands run in it one at a time, nothing of a command is left after it."""

from __future__ import annotations

import contextlib
import secrets
import signal
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from docker.errors import APIError, DockerException, NotFound

from quorate.coding import ran_out
from quorate.errors import ExecutorError
from quorate_docker_executor._confinement import WORKSPACE
from quorate_docker_executor._engine import asking
from quorate_docker_executor._lease import LABEL, owner
from quorate_docker_executor._streams import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.coding import Job
    from quorate_docker_executor._api import Api

_GRACE: Final = 2.0
"""Seconds that killed processes may take to be gone before the container is removed."""
_REMOVED: Final = 10.0
"""Seconds that the engine may take to remove a container."""
_TICK: Final = 0.01
_KILLED: Final = 128 + signal.SIGKILL

# It lives while somebody holds its standard input: the engine closes that when our process ends, however it ends.
_MAIN: Final = ["sh", "-c", "read -r _"]
_NOBODY: Final = ("65534", "65533")
"""Whose the main process is; another than the code's, so that code cannot signal it."""

_KILL_ALL: Final = "kill -KILL -1"
"""Ends every process of the same user in this process-ID namespace but the caller (kill(2)), forks under way too."""
# The first argument is the programs that can run the code; what it leaves behind is ended before the end is told.
_RUN: Final = f"""IFS=:; for p in $1; do command -v "$p" >/dev/null 2>&1 && break; p=; done; unset IFS
[ "$p" ] || {{ echo "the image has no $1, so the code was not run"; exit 127; }}
shift; "$p" "$@" </dev/null 2>&1; s=$?; {_KILL_ALL} 2>/dev/null; exit $s"""

_OURS: Final = 2
"""Processes of a container in which nothing runs: init and the one that waits."""


class Gone(Exception):
    """The container takes no command, as one that has ended; nothing was run. Its cause says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How containers of an executor are made.

    Attributes:
        image: its name.
        user: whose rights code has: ``uid:gid``, or a name that the image knows.
        environment: the code's.
        host_config: see :meth:`Confinement.host_config`.
        memory: for messages.
    """

    image: str
    user: str
    environment: Mapping[str, str]
    host_config: Mapping[str, Any]
    memory: int | str


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was started.

    Attributes:
        name: the engine's.
        output: what it writes.
    """

    name: str
    output: Stream


class Container:
    """A running container.

    Attributes:
        lost: it must not be used again.

    Raises:
        ExecutorError: the engine cannot start it; says why.
    """

    def __init__(self, api: Api, plan: Plan, address: str) -> None:
        self._api, self._plan, self._address = api, plan, address
        self.lost = False
        self._lease: Stream | None = None
        with asking(address, f"make a container of {plan.image!r}"):
            self._id: str = self._create()
        try:
            with asking(address, f"start a container of {plan.image!r}"):
                self._lease = Stream(api.attach_socket(self._id, params={"stdin": 1, "stream": 1}))
                api.start(self._id)
        except BaseException:
            self.close()
            raise

    def begin(self, command: Sequence[str]) -> Command:
        """Start a command.

        Raises:
            Gone: the container takes none.
        """
        try:
            with asking(self._address, "run code"):
                name = str(self._api.exec_create(self._id, list(command), user=self._plan.user)["Id"])
                return Command(name, Stream(self._api.exec_start(name, socket=True)))
        except ExecutorError as error:
            if isinstance(error.__cause__, APIError):
                raise Gone from error
            raise

    def check(self, probe: str) -> str:
        """What keeps code from using the work directory, in which the file ``probe`` is; empty when nothing does.

        Raises:
            Gone: the container cannot even look.
        """
        script = 'test -e "$1" || exit 3; test -r "$1" || exit 4; test -w . || exit 5'
        command = self.begin(["sh", "-c", script, "probe", probe])
        with contextlib.closing(command.output) as output:
            said = b"".join(output)
        with asking(self._address, "run code"):
            status = self._status(command.name)
        faults = {
            0: "",
            3: "the engine does not see its files under that path",
            4: f"the user {self._plan.user} of the container may not read its files",
            5: f"the user {self._plan.user} of the container may not write in it",
        }
        if status not in faults:
            raise Gone from ExecutorError(
                f"`test` ended with status {status}: {said.decode('utf-8', 'replace').strip()}"
            )
        return faults[status]

    def finish(self, command: Command, job: Job) -> int:
        """Read the output of a command to its end, and end whatever it leaves behind; gives the exit code."""
        watch = _Watch(self, job, command.output)
        watch.start()
        try:
            with job.stop.ends(watch.wake.set):
                for data in command.output:
                    job.output.add(data)
        finally:
            watch.over.set()
            watch.wake.set()
            watch.join()
            command.output.close()
        return self._ended(command.name, job, late=watch.late)

    def end(self, over: threading.Event, stream: Stream) -> None:
        """End what runs: its processes, else the container, else at least our waiting for it."""
        with contextlib.suppress(DockerException, OSError):
            self._kill()
        if over.wait(_GRACE):
            return
        self.close()
        if not over.wait(_GRACE):
            stream.cut()

    def close(self) -> None:
        """Remove the container; waits until it is gone, and never raises."""
        self.lost = True
        # When the engine does not answer, it ends the container by itself: nobody holds its standard input any more.
        with contextlib.suppress(DockerException, OSError):
            self._remove()
        if self._lease is not None:
            self._lease.close()

    def _create(self) -> str:
        user = self._plan.user.partition(":")[0].replace("nobody", _NOBODY[0])
        made = self._api.create_container(
            self._plan.image,
            [],
            entrypoint=_MAIN,
            environment=dict(self._plan.environment),
            host_config=dict(self._plan.host_config),
            labels={LABEL: owner()},
            name=f"quorate-{secrets.token_hex(8)}",
            stdin_open=True,
            use_config_proxy=False,  # its address may hold a password
            user=next(f"{nobody}:{nobody}" for nobody in _NOBODY if nobody != user),
            working_dir=WORKSPACE,
        )
        return str(made["Id"])

    def _ended(self, name: str, job: Job, *, late: bool) -> int:
        """What came of a command whose output has ended."""
        try:
            with asking(self._address, "tell how the code ended"):
                status = _KILLED if self.lost else self._status(name)
                self._clear()
        except ExecutorError as error:
            self.lost = True
            if not isinstance(error.__cause__, (APIError, ValueError)):
                raise  # it does not answer at all
            status = _KILLED
            job.output.say("The container was ended while the code ran")
        if late:
            return ran_out(job.timeout, job.output)
        if job.stop.asked:
            return _KILLED
        if status == _KILLED:
            job.output.say(f"Ended by signal 9 (SIGKILL), as code is that uses more memory than {self._plan.memory}")
        return status

    def _status(self, name: str) -> int:
        """The exit code; the engine may need a moment to know it."""
        end = time.monotonic() + _GRACE
        while (told := self._api.exec_inspect(name))["Running"] and time.monotonic() < end:
            time.sleep(_TICK)
        return _KILLED if told["ExitCode"] is None else int(told["ExitCode"])

    def _clear(self) -> None:
        """Make sure that nothing runs: the code may have killed the shell that ends what it leaves."""
        end = time.monotonic() + _GRACE
        while not self.lost and (count := len(self._api.top(self._id)["Processes"] or ())) != _OURS:
            if count < _OURS:
                msg = "the container is about to end"
                raise NotFound(msg)  # as the engine says a moment later
            self._kill()
            self.lost = time.monotonic() > end

    def _kill(self) -> None:
        made = self._api.exec_create(self._id, ["sh", "-c", _KILL_ALL], user=self._plan.user)
        self._api.exec_start(made["Id"], detach=True)  # hostile code may stop even this process

    def _remove(self) -> None:
        with contextlib.suppress(APIError):  # it may be gone, or be removed by the engine at this moment
            self._api.remove_container(self._id, v=True, force=True)
        end = time.monotonic() + _REMOVED
        with contextlib.suppress(NotFound):
            while time.monotonic() < end:
                self._api.inspect_container(self._id)
                time.sleep(_TICK)


def wrapped(command: Sequence[str]) -> list[str]:
    """A command as it is run in the container."""
    return ["sh", "-c", _RUN, "quorate", *command]


class _Watch(threading.Thread):
    """Ends a command when its time is over or its end is asked for, while another thread reads its output.

    Attributes:
        late: whether its time ran out.
        wake: set to end it now.
        over: set when its output has ended.
    """

    def __init__(self, container: Container, job: Job, stream: Stream) -> None:
        super().__init__(name="quorate-docker-deadline", daemon=True)
        self.late = False
        self.wake, self.over = threading.Event(), threading.Event()
        self._container, self._timeout, self._stream = container, job.timeout, stream

    def run(self) -> None:
        """Keep the time."""
        asked = self.wake.wait(self._timeout)
        if not self.over.is_set():
            self.late = not asked
            self._container.end(self.over, self._stream)
