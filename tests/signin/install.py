"""Installs the clients where they are not there yet; what was installed before is known by a stamp."""

import concurrent.futures
import pathlib
import subprocess
import sys

INSTALL_SECONDS = 600


def install_clients(work: pathlib.Path) -> dict[str, str | None]:
    """Installs everything, side by side. Returns why something could not be, by the folder that it would be in."""
    installers = {
        "node_modules": lambda: install_node_clients(work),
        "venv": lambda: install_python_clients(work, "venv", "requirements.txt"),
        "venv1": lambda: install_python_clients(work, "venv1", "requirements1.txt"),
    }
    with concurrent.futures.ThreadPoolExecutor() as pool:
        begun = {folder: pool.submit(installer) for folder, installer in installers.items()}
    return {folder: done.result() for folder, done in begun.items()}


def install_node_clients(work: pathlib.Path) -> str | None:
    """Installs what is written for Node, and a Node it all runs on. Returns why it could not."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"]
    return install(work, "npm", command, work / "package.json", work / "node_modules/node/bin/node")


def install_python_clients(work: pathlib.Path, venv: str, requirements: str) -> str | None:
    """Installs Python clients into a virtual environment of their own. Returns why it could not."""
    python = work / venv / "bin/python"
    if not python.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(work / venv)], capture_output=True, text=True)
        if made.returncode:
            return f"no virtual environment: {last_line(made.stderr or made.stdout)}"
    command = [f"{venv}/bin/pip", "install", "--quiet", "--requirement", requirements]
    return install(work, f"pip ({venv})", command, work / requirements, python)


def install(work: pathlib.Path, name: str, command: list[str], wanted: pathlib.Path, proof: pathlib.Path) -> str | None:
    """Runs the installer unless what is wanted was installed before."""
    stamp = work / f".{name.replace(' ', '-')}-installed"
    if proof.exists() and stamp.exists() and stamp.read_bytes() == wanted.read_bytes():
        return None
    print(f"installing the {name} clients", flush=True)
    try:
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{name} failed: {error}"
    if done.returncode or not proof.exists():
        return f"{name} failed: {last_line(done.stderr or done.stdout)}"
    stamp.write_bytes(wanted.read_bytes())
    return None


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
