"""The programs that are put under load, and what is sent to them."""

import contextlib
import json
import os
import pathlib
import subprocess
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"

REVISION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": REVISION,
    "io.modelcontextprotocol/clientInfo": {"name": "load", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


@contextlib.contextmanager
def server(command: list[str], environment: dict[str, str], prefix: str, name: str = ""):
    """A running server: its process id, and what its line on stderr that begins with `prefix` goes on with."""
    log = open(RELEASE.parent / f"load-{name or pathlib.Path(command[0]).name}.log", "w+")
    process = subprocess.Popen(command, env=environment, stderr=log, stdin=subprocess.DEVNULL, stdout=log)
    try:
        for _ in range(300):
            lines = pathlib.Path(log.name).read_text().splitlines()
            said = [line.removeprefix(prefix).strip() for line in lines if line.startswith(prefix)]
            if said:
                break
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} did not start: {log.name} says why")
            time.sleep(0.1)
        yield process.pid, said[0]
    finally:
        process.kill()
        process.wait()
        log.close()


def status(pid: int, name: str) -> int:
    """What Linux says of the memory of a process, in bytes."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def message(url: str, method: str, params: dict, token: str | None = None) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}})
    where = urllib.parse.urlsplit(url)
    fields = {
        "host": where.netloc,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": REVISION,
        "mcp-method": method,
        "content-length": len(body),
    }
    if "name" in params:
        fields["mcp-name"] = params["name"]
    if token:
        fields["authorization"] = f"Bearer {token}"
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {where.path} HTTP/1.1\r\n{head}\r\n{body}".encode()
