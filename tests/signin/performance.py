"""One case from its first refusal to its last: what is done, in which order, and what must be true after each act."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import evidence
import revocation
from cases import Case
from stage import API_KEY, Programs, Stage, stage

CLIENT_SECONDS = 120
BROWSER_SECONDS = 10
# Access tokens live so long, and whoever wants one to have run out waits so long.
TTL = 2
EXPIRY = TTL + 0.5
USER = "ada"


class Skipped(Exception):
    """Why a case cannot be performed here."""


def perform(case: Case, programs: Programs, work: pathlib.Path) -> str:
    """The whole case; returns what there is to say of it."""
    if case.program and not pathlib.Path(case.program).exists():
        raise Skipped(f"there is no {case.program}")
    folder = work / "cases" / case.name.replace(" ", "-")
    (folder / "client").mkdir(parents=True)
    more = f'access_ttl = "{TTL}s"\n{case.more}'
    with stage(case.stage, programs, folder / "server", more, TTL) as setting:
        client = Client(case, setting, programs, folder)
        try:
            return by_key(client) if case.acts == ("key",) else by_sign_in(client)
        finally:
            (folder / "tape").write_text(str(setting.tape))


def by_sign_in(client: "Client") -> str:
    """The user signs in once; then the client goes on by itself until it gives back what it has."""
    case, setting = client.case, client.setting
    told = [client.act("begin")]
    client.visited(1)
    time.sleep(EXPIRY)
    told.append(client.act("again"))
    client.visited(case.visits)
    evidence.in_order(setting, evidence.steps(setting, case.identity, case.method))
    if "end" in case.acts:
        told.append(client.act("end"))
    if not case.gives_back:
        revocation.revoke(setting)
    evidence.upstream_was_told(setting)
    if setting.play.is_resource:
        time.sleep(EXPIRY)  # a JWT cannot be taken back, but runs out
    revocation.nothing_left(setting)
    return "; ".join([*told, evidence.nothing_leaked(setting, client.folder)])


def by_key(client: "Client") -> str:
    """The client shows an API key, which goes upstream as it is, and nobody is asked anything."""
    told = client.act("key")
    client.visited(0)
    evidence.key_was_used(client.setting, API_KEY, client.case.method)
    return told


def end_group(process: subprocess.Popen) -> None:
    """Ends a client and all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def lines(log: pathlib.Path) -> list[str]:
    return log.read_text(errors="replace").strip().splitlines()


class Client:
    """A client with a home and a browser of its own."""

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
                failed = process.wait(CLIENT_SECONDS) != 0
            except subprocess.TimeoutExpired:
                failed = True
            finally:
                end_group(process)
        if failed:
            end = [*lines(told)[-5:], *lines(complained)[-15:], *(str(note) for note in self.noted())]
            raise evidence.Missing("\n".join([f"{name} went wrong ({told} says more)", *end]))
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
            raise evidence.Missing("\n".join([f"not {times} visits:", *(str(note) for note in noted)]))
