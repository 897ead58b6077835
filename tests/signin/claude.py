"""Claude Code: `claude mcp add`, `login` in a terminal, `list`, which connects, and `logout`.

usage: claude.py URL FOLDER begin|again|end|key

`key` shows the API key in $SIGNIN_KEY instead of signing in. Calling a tool would need a model; `list` connects with
the token and says whether that went well."""

import contextlib
import os
import pathlib
import pty
import subprocess
import sys

NAME = "signin"
CLAUDE = "node_modules/.bin/claude"
SECONDS = 60
# What is said in the end of each act.
TOLD = {
    "begin": "signed in and connected",
    "again": "connected with what was kept",
    "end": "signed out",
    "key": "connected with the key",
}


def main(url: str, folder: str, act: str) -> None:
    home = pathlib.Path(folder)
    home.mkdir(exist_ok=True)
    os.environ["CLAUDE_CONFIG_DIR"] = str(home)
    if act == "begin":
        claude("mcp", "add", "--transport", "http", NAME, url)
        listed("Needs authentication")
        in_terminal("mcp", "login", NAME)
    elif act == "key":
        header = f"Authorization: Bearer {os.environ['SIGNIN_KEY']}"
        claude("mcp", "add", "--transport", "http", NAME, url, "--header", header)
    elif act == "end":
        claude("mcp", "logout", NAME)
    if act != "end":
        listed("Connected")
    print(TOLD[act])


def claude(*arguments: str) -> str:
    done = subprocess.run(
        [CLAUDE, *arguments], capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
    )
    output = done.stdout + done.stderr
    if done.returncode:
        raise SystemExit(f"FAILED: claude {' '.join(arguments)}: {output}")
    return output


def listed(state: str) -> None:
    """It connects to every server it lists."""
    told = claude("mcp", "list")
    if state not in told:
        raise SystemExit(f"FAILED: not {state}: {told}")


def in_terminal(*arguments: str) -> None:
    """It signs in only where it sees a terminal."""
    ours, its = pty.openpty()
    process = subprocess.Popen([CLAUDE, *arguments], stdin=its, stdout=its, stderr=its)
    os.close(its)
    said = b""
    with contextlib.suppress(OSError):  # how a terminal ends
        while piece := os.read(ours, 4096):
            said += piece
    if process.wait(SECONDS):
        raise SystemExit(f"FAILED: claude {' '.join(arguments)}: {said.decode('utf-8', 'replace')}")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in TOLD:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
