"""Codex: `codex mcp add`, which signs in where it must, `logout`, and its app server, which lists and calls tools
without a model.

usage: codex.py URL FOLDER begin|again|end|key

`key` shows the API key in $SIGNIN_KEY instead of signing in.
"""

import json
import os
import pathlib
import subprocess
import sys

NAME = "signin"
CODEX = "node_modules/.bin/codex"
SECONDS = 60
# What is said in the end of each act.
TOLD = {
    "begin": "signed in and called",
    "again": "called with what was kept",
    "end": "signed out",
    "key": "called with the key",
}


def main(url: str, folder: str, act: str) -> None:
    home = pathlib.Path(folder)
    home.mkdir(exist_ok=True)
    os.environ["CODEX_HOME"] = str(home)
    if act == "begin":
        # Without a keyring of the desktop there is a file.
        (home / "config.toml").write_text('mcp_oauth_credentials_store = "file"\n')
        codex("mcp", "add", NAME, "--url", url)  # it signs in at once
    elif act == "key":
        codex("mcp", "add", NAME, "--url", url, "--bearer-token-env-var", "SIGNIN_KEY")
    elif act == "end":
        codex("mcp", "logout", NAME)
    if act != "end":
        Server().work()
    print(TOLD[act])


def codex(*arguments: str) -> str:
    done = subprocess.run(
        [CODEX, *arguments], capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
    )
    output = done.stdout + done.stderr
    if done.returncode:
        raise SystemExit(f"FAILED: codex {' '.join(arguments)}: {output}")
    return output


class Server:
    """The app server, over stdin and stdout: one message a line."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([CODEX, "app-server"], stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self.asked = 0

    def work(self) -> None:
        """Everything is there, and the API knows who calls."""
        try:
            self.ask("initialize", clientInfo={"name": "signin", "version": "1"})
            self.say({"method": "initialized"})
            thread = self.ask("thread/start")["thread"]["id"]
            (server,) = [known for known in self.ask("mcpServerStatus/list")["data"] if known["name"] == NAME]
            check(",".join(sorted(server["tools"])) == os.environ["SIGNIN_TOOLS"], f"other tools: {server}")
            result = self.ask("mcpServer/tool/call", server=NAME, threadId=thread, tool="getMe", arguments={})
            check(not result.get("isError"), f"getMe: {result}")
            me = result.get("structuredContent") or json.loads(result["content"][0]["text"])
            check(os.environ["SIGNIN_USER"] in me.values(), f"the API knows somebody else: {me}")
        finally:
            self.process.kill()

    def ask(self, method: str, **params: object) -> dict:
        self.asked += 1
        self.say({"id": self.asked, "method": method, "params": params})
        for line in self.process.stdout:
            message = json.loads(line)
            if message.get("id") == self.asked and "method" not in message:
                check("result" in message, f"{method}: {message}")
                return message["result"]
        raise SystemExit(f"FAILED: no answer to {method}: {self.process.stderr.read()}")

    def say(self, message: dict) -> None:
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()


def check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {otherwise}")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in TOLD:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
