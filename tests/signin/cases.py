"""Every case there is: which client signs in on which stage, and what it can do."""

import dataclasses
import functools
import typing

EXAMPLES = ("portal", "company")
STAGES = (*EXAMPLES, "oidc", "resource")
WHOLE = ("begin", "again", "end")
NODE = "node_modules/node/bin/node"


@dataclasses.dataclass(frozen=True)
class Case:
    """A client on a stage."""

    client: str
    stage: str
    # How the client is called within target/signin; a URL, a file or folder of its own, and an act are added.
    command: tuple[str, ...]
    # The way it is used: the revision it has to agree on, how it registers, the browser.
    way: str = "auto"
    # What has to be installed.
    needs: tuple[str, ...] = ("node_modules",)
    # The acts: `begin` signs in and calls, `again` calls in a new process, `end` signs out; or `key`.
    acts: tuple[str, ...] = ("begin", "again")
    # Whether signing out is told to the server. If not, what the client had is revoked for it.
    gives_back: bool = False
    # What it shows that it can do with a token.
    method: str = "tools/call"
    # How often the user is asked in all.
    visits: int = 1
    # How it comes by a client identifier: by `registration`, or by a `document` about itself.
    identity: str = "registration"
    # Lines in `[auth.inbound.broker]`.
    more: str = ""
    # A program of the system's that it cannot do without.
    program: str | None = None

    @property
    def name(self) -> str:
        return f"{self.stage} {self.client} {self.way}"


def sdks(stage: str) -> typing.Iterator[Case]:
    """Scripts with the SDKs, and the programs that are little more."""
    # Where users sign in makes no difference to the revision, and the other way round.
    ways = ("auto", "legacy") if stage in EXAMPLES else ("auto",)
    for way in ways:
        yield Case("ts2", stage, (NODE, "ts2.mjs"), way)
    yield Case("ts1", stage, (NODE, "ts1.mjs"), "legacy")
    # A new process with the Python SDK asks for new tokens at the MCP server's own origin, and where there is no
    # authorization server, asks the user again.
    visits = 2 if stage == "resource" else 1
    venv, venv1 = ("node_modules", "venv"), ("node_modules", "venv1")
    for way in ways:
        yield Case("py", stage, ("venv/bin/python", "py.py"), way, venv, visits=visits)
    yield Case("py1", stage, ("venv1/bin/python", "py1.py"), "legacy", venv1, visits=visits)
    yield Case("fastmcp", stage, ("venv/bin/python", "fast.py"), "auto", venv, visits=visits)
    yield Case("mcp-remote", stage, ("venv/bin/python", "remote.py"), "auto", venv)
    yield Case("inspector", stage, ("python3", "inspector.py"), "auto", acts=WHOLE)


def agents(stage: str) -> typing.Iterator[Case]:
    """Claude Code and Codex.

    Both have a document about themselves on the web, which is their identifier wherever a server says that it takes
    such (CIMD). It is at hand where it is to be used; else the server takes none, as it asks nobody on the web, and they
    register like everybody.
    """
    for client, method, gives_back in (("codex", "tools/call", False), ("claude", "tools/list", True)):
        of = functools.partial(Case, client, stage, ("python3", f"{client}.py"), method=method, gives_back=gives_back)
        yield of("registered", acts=WHOLE)
        if stage == "portal":
            yield of("documented", acts=WHOLE, identity="document", more=f'cimd_pinned = ["{client}.json"]')
        if stage == "company":
            yield of("key", acts=("key",), visits=0)


def browsers() -> typing.Iterator[Case]:
    """A real browser; the client is of no importance."""
    for stage, screen in (("portal", "desk"), ("oidc", "phone")):
        yield Case("chromium", stage, (NODE, "ts2.mjs"), screen, program="/usr/bin/chromium")


CASES = [case for stage in STAGES for case in (*sdks(stage), *agents(stage))] + list(browsers())
