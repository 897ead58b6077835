//! Answers that tell something before they end, listeners, and the sessions of legacy clients. Sections are of
//! 2026-07-28, basic/transports/streamable-http, unless they say otherwise.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};

use crate::http::{Options, ServeOptions, router, serve};
use crate::tests::support::{Site, headers_of, initialize, modern, raw, request, soon};
use crate::{
    About, CallError, Changes, Context, Handler, Implementation, Kinds, ListOptions, ToolCall, ToolList,
    ToolResult,
};

/// A server whose tools tell what they do.
struct Teller {
    changes: Changes,
    gate: Semaphore,
    ends: mpsc::UnboundedSender<&'static str>,
    tools: Arc<ToolList>,
}

struct End(mpsc::UnboundedSender<&'static str>, &'static str);

impl Drop for End {
    fn drop(&mut self) {
        let _ = self.0.send(self.1);
    }
}

impl Teller {
    fn new(size: usize) -> (Arc<Self>, mpsc::UnboundedReceiver<&'static str>) {
        let (ends, ended) = mpsc::unbounded_channel();
        let tool = raw(&json!({"name": "x".repeat(size), "inputSchema": {"type": "object"}}));
        let tools = Arc::new(ToolList::new([tool], &ListOptions::default()));
        let changes = Changes::of(Kinds { tools: true, ..Kinds::default() });
        (Arc::new(Self { changes, gate: Semaphore::new(0), ends, tools }), ended)
    }
}

impl Handler for Teller {
    fn about(&self) -> Arc<About> {
        Arc::new(About::new(Implementation::default()))
    }

    fn tools(&self, _: &Context) -> Arc<ToolList> {
        Arc::clone(&self.tools)
    }

    async fn call_tool(&self, call: ToolCall, context: Context) -> Result<ToolResult, CallError> {
        let mut end = End(self.ends.clone(), "given up");
        if call.name != "silent" {
            for (progress, total) in [(1.0, None), (1.0, None), (f64::NAN, None), (2.0, Some(f64::INFINITY))]
            {
                context.progress(progress, total, Some("m"));
            }
        }
        if call.name == "hold" {
            self.gate.acquire().await.unwrap().forget();
        }
        end.1 = "done";
        Ok(ToolResult::text("told"))
    }

    fn principal(&self, caller: &Context) -> Option<Arc<str>> {
        Some(caller.http.as_ref()?.headers.get("x-user")?.to_str().ok()?.into())
    }

    fn changes(&self) -> Option<&Changes> {
        Some(&self.changes)
    }
}

async fn site(options: Options) -> (Arc<Teller>, Site, mpsc::UnboundedReceiver<&'static str>) {
    let (teller, ended) = Teller::new(1);
    let site = Site::serve(router(Arc::clone(&teller), options)).await;
    (teller, site, ended)
}

fn call(tool: &str, token: &Value) -> Value {
    let mut call = modern(&json!(1), "tools/call", json!({"name": tool}));
    call["params"]["_meta"]["progressToken"] = token.clone();
    call
}

/// Sends a message, and reads lines of the answer as they come.
async fn begin(site: &Site, message: &Value, more: &[(&str, &str)]) -> Lines<BufReader<TcpStream>> {
    let headers = headers_of(message);
    let mut headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.extend([("content-type", "application/json"), ("accept", "application/json, text/event-stream")]);
    headers.extend_from_slice(more);
    let mut stream = site.connect().await;
    stream.write_all(&request("POST /mcp", &headers, message.to_string().as_bytes())).await.unwrap();
    BufReader::new(stream).lines()
}

/// The next line that begins like this; what comes before is skipped, whatever it is.
async fn until(lines: &mut Lines<BufReader<TcpStream>>, prefix: &str) -> Option<String> {
    loop {
        let line = soon(lines.next_line()).await.unwrap()?;
        if line.starts_with(prefix) {
            return Some(line);
        }
    }
}

async fn told(lines: &mut Lines<BufReader<TcpStream>>) -> Option<Value> {
    let line = until(lines, "data: ").await?;
    Some(serde_json::from_str(line.trim_start_matches("data: ")).unwrap())
}

/// JSON, unless there is something to tell, to a client that wants to hear it and can.
#[tokio::test]
async fn streams_only_when_something_is_told() {
    let both = "application/json, text/event-stream";
    let rows = [
        ("told", both, call("tell", &json!(1)), true),
        ("told under a text", both, call("tell", &json!("t")), true),
        ("told to whoever takes all", "*/*", call("tell", &json!(1)), true),
        ("nothing told", both, call("silent", &json!(1)), false),
        ("not asked for", both, call("tell", &json!(null)), false),
        ("no token", both, call("tell", &json!([1])), false),
        ("not taken", "application/json", call("tell", &json!(1)), false),
    ];
    let (_teller, site, _ended) = site(Options::default()).await;
    for (rule, accept, message, streams) in rows {
        let answer = site.post(&message, &[("accept", accept)]).await;
        let kind = if streams { "text/event-stream" } else { "application/json" };
        assert_eq!((answer.status, &*answer.headers["content-type"]), (200, kind), "{rule}");
        assert_eq!(answer.headers.contains_key("x-accel-buffering"), streams, "{rule}");
        let told: Vec<Value> = answer
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect();
        if !streams {
            assert_eq!(answer.json()["result"]["content"][0]["text"], "told", "{rule}");
            continue;
        }
        let token = &message["params"]["_meta"]["progressToken"];
        let progress = |progress: f64| {
            json!({"jsonrpc": "2.0", "method": "notifications/progress",
                "params": {"progressToken": token, "progress": progress, "message": "m"}})
        };
        assert_eq!(told[..2], [progress(1.0), progress(2.0)], "{rule}: only what increases");
        assert_eq!((told.len(), &told[2]["id"]), (3, &json!(1)), "{rule}: the response comes last");
    }
}

/// "Cancellation", and for the legacy era 2025-11-25 basic/transports, "Sending Messages to the Server", 6.
#[tokio::test]
async fn disconnecting_from_a_stream() {
    let legacy = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "hold", "_meta": {"progressToken": 1}}});
    for (message, end) in [(call("hold", &json!(1)), "given up"), (legacy, "done")] {
        let (teller, site, mut ended) = site(Options::default()).await;
        let mut lines = begin(&site, &message, &[]).await;
        assert_eq!(told(&mut lines).await.unwrap()["params"]["progress"], 1.0);
        drop(lines);
        if end == "done" {
            teller.gate.add_permits(1);
        }
        assert_eq!(soon(ended.recv()).await, Some(end));
    }
}

/// A stream of a call counts as in flight until it ends; one of a listener doesn't, and has a limit of its own.
#[tokio::test]
async fn streams_are_bounded() {
    let options = Options { in_flight: 1, streams: 1, ..Options::default() };
    let (teller, site, _ended) = site(options).await;
    let listen =
        modern(&json!(7), "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    let mut listening = begin(&site, &listen, &[]).await;
    told(&mut listening).await.unwrap();
    assert_eq!(site.post(&listen, &[]).await.status, 503);

    let mut lines = begin(&site, &call("hold", &json!(1)), &[]).await;
    told(&mut lines).await.unwrap();
    assert_eq!(site.post(&call("silent", &json!(1)), &[]).await.status, 503);
    teller.gate.add_permits(1);
    while told(&mut lines).await.is_some() {}
    assert_eq!(site.post(&call("silent", &json!(1)), &[]).await.status, 200);
}

/// basic/patterns/subscriptions: when the server ends a stream, the result comes, and the end.
#[tokio::test]
async fn the_end_of_listening() {
    let listen =
        modern(&json!(7), "subscriptions/listen", json!({"notifications": {"toolsListChanged": true}}));
    let (_teller, brief, _ended) =
        site(Options { stream_lifetime: Duration::ZERO, ..Options::default() }).await;
    let mut lines = begin(&brief, &listen, &[]).await;
    assert_eq!(told(&mut lines).await.unwrap()["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(told(&mut lines).await.unwrap()["result"]["resultType"], "complete");
    assert_eq!(told(&mut lines).await, None);

    let (teller, mut site, _ended) = site(Options::default()).await;
    let mut lines = begin(&site, &listen, &[]).await;
    told(&mut lines).await.unwrap();
    teller.changes.tools_changed();
    assert_eq!(told(&mut lines).await.unwrap()["method"], "notifications/tools/list_changed");
    site.begin_to_close().await;
    assert_eq!(told(&mut lines).await.unwrap()["id"], 7);
    assert_eq!(told(&mut lines).await, None);
    site.closed().await;
}

#[tokio::test]
async fn silence_is_not_the_end() {
    let (_teller, site, _ended) =
        site(Options { keep_alive: Duration::from_millis(1), ..Options::default() }).await;
    let listen = modern(&json!(7), "subscriptions/listen", json!({"notifications": {}}));
    for message in [listen, call("hold", &json!(1))] {
        let mut lines = begin(&site, &message, &[]).await;
        told(&mut lines).await.unwrap();
        assert_eq!(until(&mut lines, ":").await.as_deref(), Some(":"));
    }
}

/// 2025-11-25 basic/transports, "Session Management" and "Listening for Messages from the Server".
#[tokio::test]
async fn sessions() {
    let (teller, site, _ended) = site(Options { sessions: 2, ..Options::default() }).await;
    let open = async |user: &'static str| {
        let answer = site.post(&initialize("2025-11-25"), &[("x-user", user)]).await;
        answer.headers["mcp-session-id"].clone()
    };
    let id = open("ada").await;
    assert!(id.len() >= 22 && id.bytes().all(|byte| byte.is_ascii_graphic()), "{id}");
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
    let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let new = modern(&json!(1), "tools/list", json!({})).to_string();
    let (ours, lost) = (("mcp-session-id", id.as_str()), ("mcp-session-id", "nope"));
    let (ada, bob, events) = (("x-user", "ada"), ("x-user", "bob"), ("accept", "text/event-stream"));
    let (old, now) = (("mcp-protocol-version", "2025-11-25"), ("mcp-protocol-version", "2026-07-28"));
    type Row<'a> = (&'a str, &'a str, &'a str, Vec<(&'a str, &'a str)>, u16);
    let rows: [Row<'_>; 16] = [
        ("known", "POST", &ping, vec![ours, ada, old], 200),
        ("its revision is known, too", "POST", &ping, vec![ours, ada], 200),
        ("none named", "POST", &ping, vec![old], 200),
        ("unknown", "POST", &ping, vec![lost, old], 404),
        ("of somebody else", "POST", &ping, vec![ours, bob, old], 404),
        ("of somebody else", "POST", &ping, vec![ours, old], 404),
        ("a notification", "POST", initialized, vec![ours, ada, old], 202),
        ("a notification", "POST", initialized, vec![lost, old], 404),
        ("modern: ignored", "POST", &new, vec![lost, now, ("mcp-method", "tools/list")], 200),
        (
            "a new handshake",
            "POST",
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#,
            vec![lost, old],
            200,
        ),
        ("no session to listen to", "GET", "", vec![events], 400),
        ("unknown", "GET", "", vec![events, lost], 404),
        ("not as JSON", "GET", "", vec![ours, ada, ("accept", "application/json")], 406),
        ("no session to end", "DELETE", "", vec![], 400),
        ("not theirs to end", "DELETE", "", vec![ours, bob], 404),
        ("other methods", "PUT", "", vec![ours, ada], 405),
    ];
    for (rule, method, body, headers, status) in rows {
        let headers = [headers, vec![("content-type", "application/json")]].concat();
        let answer = site.ask(&format!("{method} /mcp"), &headers, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{rule}: {method} {headers:?} {body}: {}", answer.body);
    }

    let mut stream = site.connect().await;
    stream.write_all(&request("GET /mcp", &[ours, ada, events], b"")).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    until(&mut lines, "content-type: text/event-stream").await.unwrap();
    teller.changes.tools_changed();
    assert_eq!(told(&mut lines).await.unwrap()["method"], "notifications/tools/list_changed");

    assert_eq!(site.ask("DELETE /mcp", &[ours, ada], b"").await.status, 204);
    let json = ("content-type", "application/json");
    let asked = async |id: &str| {
        site.ask("POST /mcp", &[("mcp-session-id", id), ada, old, json], ping.as_bytes()).await.status
    };
    assert_eq!(asked(&id).await, 404, "ended");
    let (first, second) = (open("ada").await, open("ada").await);
    assert_eq!(asked(&first).await, 200);
    let third = open("ada").await;
    let known = [asked(&first).await, asked(&second).await, asked(&third).await];
    assert_eq!(known, [200, 404, 200], "silent for longest");
}

/// A client that takes nothing doesn't keep its answer in memory. Waits for the end of a connection, not for a time.
#[tokio::test]
async fn answers_must_be_taken() {
    let (teller, _ended) = Teller::new(64 << 20);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let options = ServeOptions { write_timeout: Duration::from_millis(20), ..ServeOptions::default() };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, router(teller, Options::default()), options, async {
        let _ = stopped.await;
    }));
    let list = modern(&json!(1), "tools/list", json!({}));
    let headers = headers_of(&list);
    let mut headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(("content-type", "application/json"));
    stream.write_all(&request("POST /mcp", &headers, list.to_string().as_bytes())).await.unwrap();
    // The first byte tells that the answer is on its way; the rest is left.
    stream.read_u8().await.unwrap();
    stop.send(()).unwrap();
    soon(serving).await.unwrap().unwrap();
    let mut rest = Vec::new();
    let _ = soon(stream.read_to_end(&mut rest)).await;
    assert!(rest.len() < 64 << 20, "{}", rest.len());
}

/// Clients that send half a message and wait take nobody's place, only the room for what they have sent.
#[tokio::test]
async fn half_messages() {
    let length = |message: &Value| message.to_string().len();
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let half = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
    // Room for the ping and the first byte of seven messages.
    let options = Options { in_flight: 1, body_room: length(&ping) + 7, ..Options::default() };
    let (_teller, site, _ended) = site(options).await;
    let begin_seven = async || {
        let mut begun = Vec::new();
        for _ in 0..7 {
            let mut stream = site.connect().await;
            stream.write_all(half.as_bytes()).await.unwrap();
            begun.push(stream);
        }
        begun
    };
    // Whether or not they have been read by now.
    let until = async |status| while site.post(&ping, &[]).await.status != status {};
    let seven = begin_seven().await;
    assert_eq!(site.post(&ping, &[]).await.status, 200);
    let more = begin_seven().await;
    soon(until(503)).await;
    drop((seven, more));
    soon(until(200)).await;
}
