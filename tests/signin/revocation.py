"""Gives back what a client has (RFC 7009), and looks whether it is worth nothing afterwards.

Most clients cannot: this does it for them with the client identifier and the tokens they had, as any client could.
"""

import json
import urllib.error
import urllib.parse
import urllib.request

from stage import Stage
from wire import Missing, form, granted, is_grant


def revoke(stage: Stage) -> None:
    """Revokes the grant while its access token is still good, which is seen beforehand."""
    expect(200, refresh(stage), "refreshing")
    expect(200, call(stage), "calling")
    asked, grant = last_grant(stage)
    given = {"token": grant["refresh_token"], "token_type_hint": "refresh_token", "client_id": asked["client_id"]}
    expect(200, post(metadata(stage)["revocation_endpoint"], given), "revocation")


def nothing_left(stage: Stage) -> None:
    """The access token of the client lets nobody in; its refresh token gives no other any more."""
    expect(401, call(stage), "calling with what was revoked")
    expect(400, refresh(stage), "refreshing what was revoked")


def refresh(stage: Stage) -> int:
    """RFC 6749, 6."""
    asked, grant = last_grant(stage)
    given = {"refresh_token": grant["refresh_token"], "client_id": asked["client_id"]}
    return post(metadata(stage)["token_endpoint"], {"grant_type": "refresh_token", **given})


def call(stage: Stage) -> int:
    """A request with the access token that was given last."""
    question = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    return post(stage.url, question, last_grant(stage)[1]["access_token"])


def last_grant(stage: Stage) -> tuple[dict, dict]:
    """What was asked for the last tokens with, and what was given."""
    seen = [seen for seen in stage.tape.of("front", "provider") if is_grant(stage, seen)][-1]
    return form(seen), granted(seen)


def metadata(stage: Stage) -> dict:
    """What the authorization server says of itself, where either kind of server says it."""
    name = "openid-configuration" if stage.play.is_resource else "oauth-authorization-server"
    with open_directly(f"{stage.issuer}/.well-known/{name}") as answer:
        return json.load(answer)


def post(url: str, body: dict, bearer: str | None = None) -> int:
    """Posts a form, or a message with a token; returns the status."""
    headers = {"Accept": "application/json, text/event-stream"}
    if bearer is None:
        data = urllib.parse.urlencode(body).encode()
    else:
        data = json.dumps(body).encode()
        headers |= {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
        headers |= {"MCP-Protocol-Version": "2025-06-18"}
    try:
        with open_directly(urllib.request.Request(url, data, headers)) as answer:
            answer.read()  # what has not been heard may not be on the tape yet
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def open_directly(request):
    """Nothing here is meant for a proxy."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30)


def expect(status: int, actual: int, what: str) -> None:
    if actual != status:
        raise Missing(f"{what} was answered {actual}, not {status}")
