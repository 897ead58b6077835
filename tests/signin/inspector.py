"""The Inspector's command line (`mcp-inspector --cli`), and `mcpdo auth/clear`, which gives back what it has.

usage: SIGNIN_WAY=auto|legacy inspector.py URL FOLDER begin|again|end

Every call is a process and a connection of its own.
"""

import json
import os
import pathlib
import socket
import subprocess
import sys

ERA = os.environ["SIGNIN_WAY"]
SECONDS = 60


def main(url: str, folder: str, act: str) -> None:
    pathlib.Path(folder).mkdir(exist_ok=True)
    os.environ["HOME"] = folder
    # Nobody sits in front of a terminal, and there is no keyring of a desktop.
    os.environ |= {"MCP_AUTO_OPEN_ENABLED": "true", "MCP_INSPECTOR_SECRET_STORE": "file"}
    if act == "end":
        node("mcpdo", "auth/clear", url)
        print("signed out")
        return
    tools = inspect(url, "tools/list", [])["tools"]
    names = ",".join(sorted(tool["name"] for tool in tools))
    check(names == os.environ["SIGNIN_TOOLS"], f"other tools: {names}")
    result = inspect(url, "tools/call", ["--tool-name", "getMe"])
    me = result.get("structuredContent") or json.loads(result["content"][0]["text"])
    check(os.environ["SIGNIN_USER"] in me.values(), f"the API knows somebody else: {me}")
    print("signed in and called" if act == "begin" else "called with what was kept")


def inspect(url: str, method: str, options: list[str]) -> dict:
    quiet = ["--quiet", "--format", "json", "--protocol-era", ERA]
    callback = ["--callback-url", f"http://127.0.0.1:{free_port()}/oauth/callback"]
    return json.loads(node("mcp-inspector", "--cli", *quiet, *callback, *options, "--method", method, "--", url))[
        "result"
    ]


def node(program: str, *arguments: str) -> str:
    command = [f"node_modules/.bin/{program}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
    check(done.returncode == 0, f"{program} {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout


def free_port() -> int:
    """The Inspector wants to be told where it listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {otherwise}")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in ("begin", "again", "end"):
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
