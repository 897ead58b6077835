"""What one exchange on the wire is: a call, a grant, what was shown in it."""

import json
import typing
import urllib.parse

from stage import Stage
from tap import Exchange


class Missing(Exception):
    """Something that should have happened has not, or the other way round."""


def at(tap: str, method: str, path: str, status: int) -> typing.Callable[[Exchange], bool]:
    return lambda seen: (seen.tap, seen.method, seen.status) == (tap, method, status) and seen.path.startswith(path)


def token(tap: str, grant: str, status: int) -> typing.Callable[[Exchange], bool]:
    asked = at(tap, "POST", "/token", status)
    return lambda seen: asked(seen) and form(seen).get("grant_type") == grant


def is_call(seen: Exchange, method: str) -> bool:
    return seen.tap == "front" and seen.status == 200 and f'"{method}"'.encode() in seen.body and bool(bearer(seen))


def is_grant(stage: Stage, seen: Exchange) -> bool:
    """Whether a client was given tokens."""
    tap = "provider" if stage.play.is_resource else "front"
    return any(token(tap, grant, 200)(seen) for grant in ("authorization_code", "refresh_token"))


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
