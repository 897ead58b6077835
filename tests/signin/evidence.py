"""What must be true of what went over the wires of a stage, whoever the client is.

Owns the steps of a sign-in as they are seen from outside, and the rule that no side has what is the other's: the client's
tokens never reach the API, what is sent to the API never reaches the client, and neither lies readable in oasgate's folder.
"""

import json
import pathlib
import typing
import urllib.parse

from stage import Stage
from tap import Exchange

# (what happened, whether an exchange is that)
Step = tuple[str, typing.Callable[[Exchange], bool]]


class Missing(Exception):
    """Something that should have happened has not, or the other way round."""


def steps(stage: Stage, identity: str, method: str) -> list[Step]:
    """A sign-in from the first refusal to the first call of this method, and on to one after the token was refreshed."""
    mcp = urllib.parse.urlsplit(stage.url).path
    prm = f"/.well-known/oauth-protected-resource{mcp}"
    refused = ("is refused and told where to sign in", lambda seen: (
        seen.path == mcp and seen.status == 401 and prm in seen.header("www-authenticate")))  # fmt: skip
    metadata = ("reads the metadata of the resource", at("front", "GET", prm, 200))
    called = ("calls", lambda seen: seen.path == mcp and is_call(seen, method))
    if stage.play.is_resource:
        issuer = [
            ("reads the metadata of the issuer", at("provider", "GET", "/.well-known/", 200)),
            ("registers", at("provider", "POST", "/reg", 201)),
            ("sends the user to the issuer", at("provider", "GET", "/auth", 303)),
            ("the user signs in", at("provider", "POST", "/interaction/", 303)),
            ("gets tokens", token("provider", "authorization_code", 200)),
        ]
    else:
        issuer = [
            ("reads the metadata of the issuer", at("front", "GET", "/.well-known/oauth-authorization-server", 200)),
            ("registers", at("front", "POST", "/register", 201)),
            ("sends the user to the page of consent", at("front", "GET", "/authorize", 200)),
            ("the user agrees", at("front", "POST", "/authorize/consent", 303)),
            ("the user comes back from the upstream", at("front", "GET", "/oauth/callback", 303)),
            ("gets tokens", token("front", "authorization_code", 200)),
        ]
    tap = "provider" if stage.play.is_resource else "front"
    refreshed = ("refreshes", token(tap, "refresh_token", 200))
    if identity == "document":
        issuer = [step for step in issuer if step[0] != "registers"]
    return [refused, metadata, *issuer, called, refreshed, called]


def in_order(stage: Stage, expected: list[Step]) -> None:
    """Every step came about, each after the one before."""
    rest = iter(stage.tape.of("front", "upstream", "provider"))
    for name, happened in expected:
        if not any(happened(exchange) for exchange in rest):
            raise Missing(f"the client never {name}, or not in its turn")


def upstream_was_told(stage: Stage) -> None:
    """What was revoked here is over there as well, where there is a way to say so."""
    if (farewell := stage.play.farewell) and not any(at(*farewell)(seen) for seen in stage.tape.of(farewell[0])):
        raise Missing(f"the upstream was never told: {farewell}")


def key_was_used(stage: Stage, key: str, method: str) -> None:
    """Who has a key of the API is asked nothing else, and the key goes upstream as it is."""
    if not any(is_call(seen, method) and bearer(seen) == key for seen in stage.tape.of("front")):
        raise Missing(f"no {method} with the key")
    if not any(bearer(seen) == key for seen in stage.tape.of("upstream")):
        raise Missing("the key never reached the API")
    if begun := [str(seen) for seen in stage.tape.of("front") if seen.path.startswith(("/register", "/authorize"))]:
        raise Missing(f"the client began to sign in all the same: {begun}")


def at(tap: str, method: str, path: str, status: int) -> typing.Callable[[Exchange], bool]:
    return lambda seen: (seen.tap, seen.method, seen.status) == (tap, method, status) and seen.path.startswith(path)


def token(tap: str, grant: str, status: int) -> typing.Callable[[Exchange], bool]:
    asked = at(tap, "POST", "/token", status)
    return lambda seen: asked(seen) and form(seen).get("grant_type") == grant


def is_call(seen: Exchange, method: str) -> bool:
    return seen.tap == "front" and seen.status == 200 and f'"{method}"'.encode() in seen.body and bool(bearer(seen))


def form(seen: Exchange) -> dict[str, str]:
    return dict(urllib.parse.parse_qsl(seen.body.decode("utf-8", "replace")))


def bearer(seen: Exchange) -> str:
    given = next((value for name, value in seen.asked.items() if name.lower() == "authorization"), "")
    return given.removeprefix("Bearer ") if given.startswith("Bearer ") else ""


def granted(seen: Exchange) -> dict[str, typing.Any]:
    """What a token endpoint, or the like of it, has given."""
    try:
        answer = json.loads(seen.answer)
    except ValueError:
        return {}
    return answer if seen.status == 200 and isinstance(answer, dict) else {}


def clients_secrets(stage: Stage) -> set[str]:
    """The tokens that the client has, and those it has shown."""
    grants = [granted(seen) for seen in stage.tape.of("front", "provider") if is_grant(stage, seen)]
    held = {grant[name] for grant in grants for name in ("access_token", "refresh_token") if name in grant}
    return held | {bearer(seen) for seen in stage.tape.of("front") if bearer(seen)}


def is_grant(stage: Stage, seen: Exchange) -> bool:
    """Whether a client was given tokens."""
    tap = "provider" if stage.play.is_resource else "front"
    return any(token(tap, grant, 200)(seen) for grant in ("authorization_code", "refresh_token"))


def upstream_secrets(stage: Stage) -> set[str]:
    """What the API is shown, and what oasgate is given to show it."""
    shown = {bearer(seen) for seen in stage.tape.of("upstream") if bearer(seen)}
    shown |= {seen.asked["x-api-key"] for seen in stage.tape.of("upstream") if "x-api-key" in seen.asked}
    if not stage.play.is_resource:
        grants = [granted(seen) for seen in stage.tape.of("upstream", "provider")]
        names = ("credential", "access_token", "refresh_token", "id_token")
        shown |= {grant[name] for grant in grants for name in names if isinstance(grant.get(name), str)}
    return shown


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
        absent(upstreams.union(stage.secrets), file.read_bytes(), f"what the API is shown is in the client's {file.name}")
    for file in files(stage.folder):
        if file.suffix != ".keys":
            absent(clients | upstreams, file.read_bytes(), f"a token can be read in oasgate's {file.name}")
    return f"{len(clients)} tokens of the client and {len(upstreams)} credentials of the API kept apart"


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    return [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]


def absent(secrets: set[str], text: bytes, otherwise: str) -> None:
    if any(secret.encode() in text or urllib.parse.quote(secret, "").encode() in text for secret in secrets):
        raise Missing(otherwise)
