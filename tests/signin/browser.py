"""A browser without a screen: cookies, redirects and forms, and no script, as no page here needs any.

usage: SIGNIN_USER=NAME SIGNIN_VISITS=FILE browser.py URL

Goes to the URL and on as a person would who agrees to everything: signs in as that user with the password `demo`,
presses the button that allows, follows every redirect, the one to the client that waits for it included. FILE has a
line of JSON for every visit when it begins, and one for how it ended."""

import html.parser
import http.cookiejar
import json
import os
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request

PAGES = 10
PASSWORD = "demo"


class Form(html.parser.HTMLParser):
    """The first form of a page: where it goes, what is filled in, and what its buttons say."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.blanks: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.inside = self.seen = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form" and not self.seen:
            self.inside = self.seen = True
            self.action = given.get("action", "")
        elif self.inside and tag == "button" and given.get("type", "submit") == "submit" and "name" in given:
            self.buttons.append((given["name"], given.get("value", "")))
        elif self.inside and tag == "input" and "name" in given:
            kind = given.get("type", "text")
            if kind in ("text", "password"):
                self.blanks[given["name"]] = kind
            elif kind == "hidden":
                self.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False

    def filled(self, user: str) -> dict[str, str]:
        """What a person sends who agrees."""
        answers = {name: PASSWORD if kind == "password" else user for name, kind in self.blanks.items()}
        agreed = dict(button for button in self.buttons if button[1] == "allow")
        return {**self.fields, **answers, **agreed}


def visit(url: str, user: str) -> str:
    """Goes to the URL and on until a page asks for nothing; returns where that was."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    # Nothing here is meant for a proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
    request = urllib.request.Request(url)
    for _ in range(PAGES):
        with opener.open(request, timeout=30) as page:
            at, text = page.url, page.read().decode("utf-8", "replace")
        form = Form(text)
        if form.action is None:
            return at
        origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(at))
        data = urllib.parse.urlencode(form.filled(user)).encode()
        request = urllib.request.Request(urllib.parse.urljoin(at, form.action), data, {"Origin": origin})
    raise RuntimeError(f"{PAGES} pages, and no end: {at}")


def main(url: str) -> int:
    visits = pathlib.Path(os.environ["SIGNIN_VISITS"])
    note(visits, {"opened": url})
    try:
        note(visits, {"arrived": visit(url, os.environ["SIGNIN_USER"])})
    except urllib.error.HTTPError as error:
        note(visits, {"failed": f"{error.url}: {error} {error.read().decode('utf-8', 'replace')[:2000]}"})
        return 1
    except (OSError, RuntimeError) as error:
        note(visits, {"failed": repr(error)})
        return 1
    return 0


def note(visits: pathlib.Path, line: dict) -> None:
    with visits.open("a") as file:
        file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1]))
