"""No side has what is the other's: the client's tokens never reach the API, what the API is shown never reaches the
client, and neither lies readable in oasgate's folder."""

import pathlib
import urllib.parse

from stage import Stage
from wire import Missing, bearer, granted, is_grant


def nothing_leaked(stage: Stage, clients_folder: pathlib.Path) -> str:
    """Neither side has what is the other's; says how much there was to look for."""
    clients, upstreams = clients_secrets(stage), upstream_secrets(stage)
    if not clients or (stage.tape.of("upstream") and not upstreams):
        raise Missing(f"nothing to look for: {len(clients)} of the client, {len(upstreams)} of the API")
    behind = ("upstream",) if stage.play.is_resource else ("upstream", "provider")
    for seen in stage.tape.of(*behind):
        absent(clients, seen.everything(), f"the client's token reached {seen}")
    for seen in stage.tape.of("front"):
        absent(upstreams.union(stage.secrets), seen.everything(), f"what the API is shown reached {seen}")
    for file in files(clients_folder):
        absent(
            upstreams.union(stage.secrets), file.read_bytes(), f"what the API is shown is in the client's {file.name}"
        )
    for file in files(stage.folder):
        if file.suffix != ".keys":
            absent(clients | upstreams, file.read_bytes(), f"a token can be read in oasgate's {file.name}")
    return f"{len(clients)} of the client's tokens and {len(upstreams)} of the API's credentials kept apart"


def clients_secrets(stage: Stage) -> set[str]:
    """The tokens that the client has, and those it has shown."""
    grants = [granted(seen) for seen in stage.tape.of("front", "provider") if is_grant(stage, seen)]
    held = {grant[name] for grant in grants for name in ("access_token", "refresh_token") if name in grant}
    return held | {bearer(seen) for seen in stage.tape.of("front") if bearer(seen)}


def upstream_secrets(stage: Stage) -> set[str]:
    """What the API is shown, and what oasgate is given to show it."""
    shown = {bearer(seen) for seen in stage.tape.of("upstream") if bearer(seen)}
    shown |= {seen.asked["x-api-key"] for seen in stage.tape.of("upstream") if "x-api-key" in seen.asked}
    if not stage.play.is_resource:
        grants = [granted(seen) for seen in stage.tape.of("upstream", "provider")]
        names = ("credential", "access_token", "refresh_token", "id_token")
        shown |= {grant[name] for grant in grants for name in names if isinstance(grant.get(name), str)}
    return shown


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    return [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]


def absent(secrets: set[str], text: bytes, otherwise: str) -> None:
    if any(secret.encode() in text or urllib.parse.quote(secret, "").encode() in text for secret in secrets):
        raise Missing(otherwise)
