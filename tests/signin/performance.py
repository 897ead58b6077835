"""One case from its first refusal to its last: what is done, in which order, and what must be true after each act."""

import pathlib
import time

import apart
import revocation
import steps
from cases import Case
from client import EXPIRY, TTL, Client
from stage import API_KEY, Programs, stage


class Skipped(Exception):
    """Why a case cannot be performed here."""


def perform(case: Case, programs: Programs, work: pathlib.Path) -> str:
    """The whole case; returns what there is to say of it."""
    if case.program and not pathlib.Path(case.program).exists():
        raise Skipped(f"there is no {case.program}")
    folder = work / "cases" / case.name.replace(" ", "-")
    (folder / "client").mkdir(parents=True)
    more = f'access_ttl = "{TTL}s"\n{case.more}'
    with stage(case.stage, programs, folder / "server", more, TTL) as setting:
        client = Client(case, setting, programs, folder)
        try:
            return by_key(client) if case.acts == ("key",) else by_sign_in(client)
        finally:
            (folder / "tape").write_text(str(setting.tape))


def by_sign_in(client: Client) -> str:
    """The user signs in once; then the client goes on by itself until it gives back what it has."""
    case, setting = client.case, client.setting
    told = [client.act("begin")]
    client.visited(1)
    time.sleep(EXPIRY)
    told.append(client.act("again"))
    client.visited(case.visits)
    steps.in_order(setting, steps.of_sign_in(setting, case.identity, case.method))
    if "end" in case.acts:
        told.append(client.act("end"))
    if not case.gives_back:
        revocation.revoke(setting)
    steps.upstream_was_told(setting)
    if setting.play.is_resource:
        time.sleep(EXPIRY)  # a JWT cannot be taken back, but runs out
    revocation.nothing_left(setting)
    return "; ".join([*told, apart.nothing_leaked(setting, client.folder)])


def by_key(client: Client) -> str:
    """The client shows an API key, which goes upstream as it is, and nobody is asked anything."""
    told = client.act("key")
    client.visited(0)
    steps.key_was_used(client.setting, API_KEY, client.case.method)
    return told
