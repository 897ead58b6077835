"""A client: a program with a home and a browser of its own, which knows a URL and does one act after the other."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from cases import Case
from stage import API_KEY, Programs, Stage
from wire import Missing

ACT_SECONDS = 120
BROWSER_SECONDS = 10
# Access tokens live so long, and whoever wants one to have run out waits so long.
TTL = 2
EXPIRY = TTL + 0.5
USER = "ada"


class Client:
    """The client of a case on its stage."""

    def __init__(self, case: Case, setting: Stage, programs: Programs, folder: pathlib.Path) -> None:
        self.case, self.setting, self.work = case, setting, programs.scripts
        self.folder, self.visits = folder / "client", folder / "visits"
        home, shims = self.folder / "home", folder / "bin"
        home.mkdir()
        shims.mkdir()
        for name in ("xdg-open", "open", "browser"):
            (shims / name).symlink_to(self.work / "open-browser")
        self.environment = {
            "PATH": f"{shims}:{pathlib.Path(programs.node).parent}:{os.environ['PATH']}",
            "HOME": str(home),
            "BROWSER": str(shims / "browser"),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "SIGNIN_BROWSER": case.program or "",
            "SIGNIN_EXPIRY": str(EXPIRY),
            "SIGNIN_KEY": API_KEY,
            "SIGNIN_PYTHON": sys.executable,
            "SIGNIN_SHOTS": str(self.work),
            "SIGNIN_TOOLS": setting.play.tools,
            "SIGNIN_USER": USER,
            "SIGNIN_VISITS": str(self.visits),
            "SIGNIN_WAY": case.way,
        }

    def act(self, name: str) -> str:
        """Does one thing; returns what it says of it."""
        command = [*self.case.command, self.setting.url, str(self.folder / "kept"), name]
        told, complained = self.folder / f"{name}.out", self.folder / f"{name}.err"
        with told.open("w") as out, complained.open("w") as err:
            process = subprocess.Popen(
                command, cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                start_new_session=True,
            )  # fmt: skip
            try:
                failed = process.wait(ACT_SECONDS) != 0
            except subprocess.TimeoutExpired:
                failed = True
            finally:
                end_group(process)
        if failed:
            end = [*lines(told)[-5:], *lines(complained)[-15:], *(str(note) for note in self.noted())]
            raise Missing("\n".join([f"{name} went wrong ({told} says more)", *end]))
        return lines(told)[-1]

    def noted(self) -> list[dict]:
        """What the browser has noted."""
        return [json.loads(line) for line in self.visits.read_text().splitlines()] if self.visits.exists() else []

    def visited(self, times: int) -> None:
        """So often was the user asked, and every time it went well. The browser may be a little behind the client."""
        until = time.monotonic() + BROWSER_SECONDS
        while len(noted := self.noted()) < 2 * times and time.monotonic() < until:
            time.sleep(0.1)
        if len(noted) != 2 * times or any("failed" in note for note in noted):
            raise Missing("\n".join([f"not {times} visits:", *(str(note) for note in noted)]))


def end_group(process: subprocess.Popen) -> None:
    """Ends a client and all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def lines(log: pathlib.Path) -> list[str]:
    return log.read_text(errors="replace").strip().splitlines()
