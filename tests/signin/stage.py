"""What a client signs in to: an upstream, oasgate before it as its own `oasgate.toml` has it, and taps between all of
them.

    client ── tap `front` ── oasgate ── tap `upstream` ── the API (and the portal, where it is one program)
                                    └── tap `provider` ── oidc-provider

Owns the programs of one case and their folder. The configuration is an example's, but for its ports and the lines that
a case adds to it; whoever knows only the URLs cannot tell that there are taps."""

import contextlib
import dataclasses
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import threading
import typing

from tap import Tape, tap

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
START_SECONDS = 30
# What the programs say once they listen.
ANNOUNCEMENT = re.compile(r"(?: on|^MCP URL) +http://127\.0\.0\.1:(\d+)")
API_KEY = f"co_{secrets.token_urlsafe(24)}"  # of the user `ada`


@dataclasses.dataclass(frozen=True)
class Programs:
    """The programs under test and what runs the others."""

    oasgate: str
    portal: str
    company: str
    node: str
    scripts: pathlib.Path


@dataclasses.dataclass(frozen=True)
class Play:
    """A stage before it is set. Beside the configuration is the description."""

    config: pathlib.Path
    tools: str
    # The tap that clients find the authorization server behind.
    issuer: str = "front"
    # The ports in the configuration, and the taps that take their place.
    ports: tuple[tuple[str, str], ...] = ()
    # Whether the provider's own tokens are what clients have.
    is_resource: bool = False
    # Where the upstream is told that a grant is over: tap, method, path, status.
    farewell: tuple[str, str, str, int] | None = None


PROVIDED = (("9103", "upstream"), ("9104", "provider"))
NOTES = "createNote,getMe,listNotes"
PLAYS = {
    "portal": Play(
        ROOT / "examples/portal-key/oasgate.toml",
        "createVideo,deleteKey,getMe,getVideo,listVideos",
        ports=(("9101", "upstream"),),
        farewell=("upstream", "DELETE", "/v1/keys/", 204),
    ),
    "company": Play(
        ROOT / "examples/company-api/oasgate.toml", "createJob,getMe,listJobs", ports=(("9102", "upstream"),)
    ),
    "oidc": Play(
        HERE / "notes/oidc.toml", NOTES, ports=PROVIDED, farewell=("provider", "POST", "/token/revocation", 200)
    ),
    "resource": Play(HERE / "notes/resource.toml", NOTES, issuer="provider", ports=PROVIDED, is_resource=True),
}


@dataclasses.dataclass
class Stage:
    """A stage that is set."""

    play: Play
    # Of the MCP endpoint.
    url: str
    # Of the authorization server.
    issuer: str
    tape: Tape
    # Of oasgate: its configuration, store and log.
    folder: pathlib.Path
    # What only the servers may know.
    secrets: list[str]


@contextlib.contextmanager
def stage(kind: str, programs: Programs, folder: pathlib.Path, more: str, ttl: int) -> typing.Iterator[Stage]:
    """Sets a stage; `more` is added to `[auth.inbound.broker]`, and access tokens live for `ttl` seconds."""
    play, tape = PLAYS[kind], Tape()
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        names = ["front", *(name for _, name in play.ports)]
        taps = {name: stack.enter_context(tap(name, tape)) for name in names}
        origins = {name: f"http://127.0.0.1:{opened.port}" for name, opened in taps.items()}
        url = configure(play, folder, {name: opened.port for name, opened in taps.items()}, more)
        secret = secrets.token_urlsafe(24)
        environment = {
            **os.environ,
            **dict.fromkeys(("PORTAL_CLIENT_SECRET", "COMPANY_CLIENT_SECRET", "PROVIDER_CLIENT_SECRET"), secret),
            "COMPANY_API_KEY": API_KEY,
            "OASGATE_LOG": "debug",
            "NO_PROXY": "127.0.0.1",
            "SIGNIN_URL": url,
            "SIGNIN_ISSUER": origins.get("provider", ""),
            "SIGNIN_REDIRECT": f"{origins['front']}/oauth/callback",
            "SIGNIN_TTL": str(ttl),
        }

        gate = [programs.oasgate, "serve", "--config", str(folder / "oasgate.toml")]
        for name, command in {**behind(kind, programs), "front": gate}.items():
            taps[name].port_behind = stack.enter_context(program(command, environment, folder / f"{name}.log"))
        yield Stage(play, url, origins[play.issuer], tape, folder, [secret])


def behind(kind: str, programs: Programs) -> dict[str, list[str]]:
    """What is behind each tap but the first."""
    if kind in ("portal", "company"):
        return {"upstream": [programs.portal if kind == "portal" else programs.company, "--listen", "127.0.0.1:0"]}
    return {name: [programs.node, str(programs.scripts / f"{name}.mjs")] for name in ("provider", "upstream")}


def configure(play: Play, folder: pathlib.Path, ports: dict[str, int], more: str) -> str:
    """Writes the configuration with the ports of this stage; returns the URL that clients are told."""
    for file, source in (("oasgate.toml", play.config), ("openapi.yaml", play.config.with_name("openapi.yaml"))):
        text = source.read_text().replace('listen = "127.0.0.1:8080"', 'listen = "127.0.0.1:0"')
        for port, name in (("8080", "front"), *play.ports):
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{ports[name]}")
        text = text.replace("[auth.inbound.broker]\n", f"[auth.inbound.broker]\n{more}\n")
        (folder / file).write_text(text)
    for document in (HERE / "clients").iterdir():
        shutil.copy(document, folder)
    lines = (folder / "oasgate.toml").read_text().splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("public_url"))


@contextlib.contextmanager
def program(command: list[str], environment: dict[str, str], log: pathlib.Path) -> typing.Iterator[int]:
    """A running program; yields the port that it says on stderr it listens on."""
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, text=True
    )
    ports: list[int] = []
    ready = threading.Event()

    def drain() -> None:
        with log.open("w") as kept:
            for line in process.stderr:
                kept.write(line)
                kept.flush()
                if not ports and (announced := ANNOUNCEMENT.search(line)):
                    ports.append(int(announced[1]))
                    ready.set()
        ready.set()

    threading.Thread(target=drain, daemon=True).start()
    try:
        if not ready.wait(START_SECONDS) or not ports:
            raise RuntimeError(f"{command[0]} did not start: {log.read_text()[-2000:]}")
        yield ports[0]
    finally:
        process.terminate()
        process.wait(10)
