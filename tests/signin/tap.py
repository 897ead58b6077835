"""A proxy that keeps what two programs say to each other, for `steps.py` and `apart.py` to look at afterwards.

It passes everything on as it is, piece by piece, the Host included, and asks only that nothing be compressed: a tap
stands where the reverse proxy of a real server would. Owns the copies; does not know what they mean."""

import contextlib
import dataclasses
import http.client
import http.server
import threading
import typing

# RFC 9110, 7.6.1, and what a proxy decides itself.
HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
PIECE = 65536


@dataclasses.dataclass
class Exchange:
    """A request and what was answered; `status` is 0 until it was."""

    tap: str
    method: str
    path: str
    asked: dict[str, str]
    body: bytes
    status: int = 0
    told: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    answer: bytearray = dataclasses.field(default_factory=bytearray)

    def header(self, name: str) -> str:
        """A header field of the answer."""
        return next((value for key, value in self.told if key.lower() == name), "")

    def everything(self) -> bytes:
        """All that went over the wire, either way."""
        fields = [*self.asked.items(), *self.told]
        head = "".join(f"{name}: {value}\n" for name, value in fields)
        return f"{self.method} {self.path}\n{head}".encode() + self.body + b"\n" + bytes(self.answer)

    def __str__(self) -> str:
        told = self.header("location") or (self.answer.decode("utf-8", "replace")[:200] if self.status >= 400 else "")
        return f"{self.tap}: {self.method} {self.path.split('?')[0]} {self.status} {told}".rstrip()


class Tape:
    """Everything that went through the taps of a stage, in the order in which it was asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.exchanges: list[Exchange] = []

    def keep(self, exchange: Exchange) -> None:
        with self.lock:
            self.exchanges.append(exchange)

    def of(self, *taps: str) -> list[Exchange]:
        with self.lock:
            return [exchange for exchange in self.exchanges if exchange.tap in taps]

    def __str__(self) -> str:
        with self.lock:
            return "".join(f"{exchange}\n" for exchange in self.exchanges)


class Tap(http.server.ThreadingHTTPServer):
    """Listens on a free port at once; `port_behind` may be told later."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, name: str, tape: Tape) -> None:
        self.name, self.tape, self.port_behind = name, tape, 0
        super().__init__(("127.0.0.1", 0), Relay)

    @property
    def port(self) -> int:
        return self.server_address[1]

    def handle_error(self, request: typing.Any, client_address: typing.Any) -> None:
        """Whoever hangs up ends an exchange, and is no news."""


@contextlib.contextmanager
def tap(name: str, tape: Tape) -> typing.Iterator[Tap]:
    """A tap that is open while the context is."""
    opened = Tap(name, tape)
    threading.Thread(target=opened.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield opened
    finally:
        opened.shutdown()
        opened.server_close()


class Relay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def relay(self) -> None:
        asked = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        exchange = Exchange(self.server.name, self.command, self.path, asked, self.read_body())
        self.server.tape.keep(exchange)
        behind = http.client.HTTPConnection("127.0.0.1", self.server.port_behind)
        try:
            self.pass_on(exchange, behind)
        except OSError:  # either end has hung up
            self.close_connection = True
        finally:
            behind.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_HEAD = do_PATCH = relay

    def read_body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def pass_on(self, exchange: Exchange, behind: http.client.HTTPConnection) -> None:
        behind.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in exchange.asked.items():
            if name.lower() not in ("accept-encoding", "content-length"):
                behind.putheader(name, value)
        if exchange.body or "content-length" in self.headers:
            behind.putheader("Content-Length", str(len(exchange.body)))
        behind.endheaders(exchange.body)
        answer = behind.getresponse()
        exchange.status = answer.status
        exchange.told = [pair for pair in answer.getheaders() if pair[0].lower() not in HOP_BY_HOP]
        self.send_response_only(answer.status)
        for name, value in exchange.told:
            self.send_header(name, value)
        has_body = self.command != "HEAD" and answer.status not in (204, 304)
        chunked = has_body and answer.length is None
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while has_body and (piece := answer.read1(PIECE)):
            exchange.answer += piece
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *about: object) -> None:
        """The tape is the log."""
