"""The steps of a sign-in as they are seen from outside, whoever the client is."""

import time
import typing
import urllib.parse

from stage import Stage
from tap import Exchange
from wire import Missing, at, bearer, is_call, token

# (what happened, whether an exchange is that)
Step = tuple[str, typing.Callable[[Exchange], bool]]

# How long what a server does in its own time may take.
FAREWELL_SECONDS = 5


def of_sign_in(stage: Stage, identity: str, method: str) -> list[Step]:
    """A sign-in from the first refusal to the first call of this method, and on to one after a refresh."""
    mcp = urllib.parse.urlsplit(stage.url).path
    prm = f"/.well-known/oauth-protected-resource{mcp}"

    def is_told(seen: Exchange) -> bool:
        return seen.path == mcp and seen.status == 401 and prm in seen.header("www-authenticate")

    refused = ("is refused and told where to sign in", is_told)
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
    """What was revoked here is over there as well, where there is a way to say so: soon after, as no client waits for it."""
    if not (farewell := stage.play.farewell):
        return
    until = time.monotonic() + FAREWELL_SECONDS
    while not any(at(*farewell)(seen) for seen in stage.tape.of(farewell[0])):
        if time.monotonic() > until:
            raise Missing(f"the upstream was never told: {farewell}")
        time.sleep(0.05)


def key_was_used(stage: Stage, key: str, method: str) -> None:
    """Who has a key of the API is asked nothing else, and the key goes upstream as it is."""
    if not any(is_call(seen, method) and bearer(seen) == key for seen in stage.tape.of("front")):
        raise Missing(f"no {method} with the key")
    if not any(bearer(seen) == key for seen in stage.tape.of("upstream")):
        raise Missing("the key never reached the API")
    if begun := [str(seen) for seen in stage.tape.of("front") if seen.path.startswith(("/register", "/authorize"))]:
        raise Missing(f"the client began to sign in all the same: {begun}")
