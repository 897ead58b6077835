//! The upstream client against servers that really listen, and misbehave byte by byte.

mod again;
mod answers;
mod memory;
mod proxy;
mod secure;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Fault, Limits, Redirects, Upstream};

/// What a server does with a connection once it has read the head of a request.
#[derive(Clone)]
enum Answer {
    /// Sends this.
    Bytes(Vec<u8>),
    /// Sends this, and then the same chunk for ever.
    Endless(&'static str, Vec<u8>),
    /// Sends this, and then nothing for ever.
    Hang(&'static str),
    /// To each request the next of these, and to all others the last.
    InTurn(Vec<Vec<u8>>),
    /// By the path: a redirect to `path` of this table, or an answer of 200.
    Redirects(Vec<(&'static str, String)>),
}

/// A server on a free port; what it was sent is kept.
struct Server {
    origin: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answer.clone(), Arc::clone(&kept)));
            }
        });
        Self { origin, heads }
    }

    /// The request lines that arrived.
    fn lines(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        heads
            .iter()
            .map(|head| head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned())
            .collect()
    }
}

async fn serve(
    mut stream: tokio::net::TcpStream,
    answer: Answer,
    heads: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1)?.to_owned();
    let turn = {
        let mut heads = heads.lock().unwrap();
        heads.push(head);
        heads.len() - 1
    };
    match answer {
        Answer::InTurn(all) => stream.write_all(&all[turn.min(all.len() - 1)]).await.ok()?,
        Answer::Bytes(bytes) => stream.write_all(&bytes).await.ok()?,
        Answer::Endless(head, chunk) => {
            stream.write_all(head.as_bytes()).await.ok()?;
            while stream.write_all(&chunk).await.is_ok() {}
        }
        Answer::Hang(head) => {
            stream.write_all(head.as_bytes()).await.ok()?;
            std::future::pending::<()>().await;
        }
        Answer::Redirects(table) => {
            let to = table.iter().find(|(from, _)| *from == target).map(|(_, to)| to);
            let text = match to {
                Some(to) => format!(
                    "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                ),
                None => "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ndone".to_owned(),
            };
            stream.write_all(text.as_bytes()).await.ok()?;
        }
    }
    stream.shutdown().await.ok()
}

/// Sends a request of this method: the status and how long the body is, or the fault.
async fn send(method: Method, url: &str) -> Result<(u16, usize), Fault> {
    send_within(Duration::from_secs(60), method, url).await
}

async fn send_within(whole: Duration, method: Method, url: &str) -> Result<(u16, usize), Fault> {
    let upstream = Upstream::direct(Limits { whole, body: 64 * 1024, ..Limits::DEFAULT }).unwrap();
    let request =
        Request::builder().method(method).uri(url).header("x-key", "s3cret").body(Bytes::new()).unwrap();
    let answer = upstream.send(request, Redirects::SameOrigin).await?;
    Ok((answer.status().as_u16(), answer.body().len()))
}

fn ok(body: &[u8], extra: &str) -> Answer {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{extra}\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    Answer::Bytes(answer)
}

#[tokio::test]
async fn answers_within_the_limit_are_whole() {
    for length in [0, 1, 64 * 1024] {
        let server = Server::start(ok(&vec![b'x'; length], "")).await;
        assert_eq!(send(Method::GET, &server.origin).await, Ok((200, length)));
    }
}

#[tokio::test]
async fn the_length_that_head_is_told_is_not_read() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\nconnection: close\r\n\r\n".to_vec();
    let server = Server::start(Answer::Bytes(head)).await;
    assert_eq!(send(Method::HEAD, &server.origin).await, Ok((200, 0)));
}

#[tokio::test]
async fn answers_beyond_the_limit_are_not_read_on() {
    assert!(bomb().len() < 8 * 1024);
    let rows = [
        ("too long", ok(&vec![b'x'; 64 * 1024 + 1], "")),
        ("announced", Answer::Hang("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")),
        ("endless", Answer::Endless("HTTP/1.1 200 OK\r\n\r\n", vec![b'x'; 4096])),
        (
            "endless chunks",
            Answer::Endless(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
                b"4\r\nabcd\r\n".repeat(500),
            ),
        ),
        ("a bomb", ok(&bomb(), "content-encoding: gzip\r\n")),
    ];
    for (name, answer) in rows {
        let server = Server::start(answer).await;
        let fault = send(Method::GET, &server.origin).await.unwrap_err();
        assert_eq!(fault, Fault::TooLarge { origin: server.origin, limit: 64 * 1024 }, "{name}");
    }
}

/// A million letters in seven kilobytes of gzip (RFC 1952): one letter, and "258 times the letter before" over and
/// over, in the fixed code of deflate (RFC 1951, 3.2.6).
fn bomb() -> Vec<u8> {
    let code = |code: u8, bits: u8| (0..bits).rev().map(move |bit| code >> bit & 1 == 1);
    let mut bits = vec![true, true, false];
    bits.extend(code(0x30 + b'x', 8));
    for _ in 0..4_000 {
        bits.extend(code(0b1100_0101, 8).chain(code(0, 5)));
    }
    let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    header.into_iter().chain(bits.chunks(8).map(byte)).collect()
}

#[tokio::test]
async fn what_does_not_end_in_time_is_given_up() {
    let rows = [
        ("no answer", Answer::Hang("")),
        ("half a head", Answer::Hang("HTTP/1.1 200 OK\r\ncontent-le")),
        ("half a body", Answer::Hang("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc")),
    ];
    for (name, answer) in rows {
        let server = Server::start(answer).await;
        let after = Duration::from_millis(200);
        let fault = send_within(after, Method::GET, &server.origin).await.unwrap_err();
        assert_eq!(fault, Fault::Timeout { origin: server.origin, after }, "{name}");
    }
}

#[tokio::test]
async fn what_is_not_http_or_breaks_off_is_said() {
    let rows: [(&str, &[u8], bool); 5] = [
        ("another protocol", b"220 mail.example ESMTP\r\n", false),
        ("nothing", b"", false),
        (
            "too many fields",
            &[b"HTTP/1.1 200 OK\r\n", b"a: b\r\n".repeat(129).as_slice(), b"\r\n"].concat(),
            false,
        ),
        ("a short body", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", true),
        ("no gzip", b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc", true),
    ];
    for (name, bytes, has_begun) in rows {
        let bytes = bytes.to_vec();
        let server = Server::start(Answer::Bytes(bytes)).await;
        let fault = send(Method::GET, &format!("{}/path?key=s3cret", server.origin)).await.unwrap_err();
        let expected = if has_begun {
            matches!(fault, Fault::Cut { .. })
        } else {
            matches!(fault, Fault::Broken { .. })
        };
        assert!(expected, "{name}: {fault:?}");
        assert!(
            !fault.to_string().contains("s3cret") && !fault.to_string().contains("/path"),
            "{name}: {fault}"
        );
    }
}

#[tokio::test]
async fn who_cannot_be_reached_is_said() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let fault = send(Method::POST, &format!("http://{closed}/path?key=s3cret")).await.unwrap_err();
    assert!(matches!(fault, Fault::Unreachable { .. }), "{fault:?}");
    let text = fault.to_string();
    assert!(
        text.contains("nothing listens there (connection refused)") && !text.contains("s3cret"),
        "{text}"
    );
}

#[tokio::test]
async fn a_peer_without_tls_is_said() {
    let server = Server::start(Answer::Bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    let fault = send(Method::POST, &server.origin.replace("http:", "https:")).await.unwrap_err();
    assert!(matches!(fault, Fault::Unreachable { .. } | Fault::Timeout { .. }), "{fault:?}");
}

#[tokio::test]
async fn redirects_are_followed_within_the_origin_only() {
    let other = Server::start(ok(b"other", "")).await;
    let elsewhere = other.origin.clone();
    let table = vec![
        ("/one", "/done".to_owned()),
        ("/two", "one?x=1".to_owned()),
        ("/three/", "/two".to_owned()),
        ("/loop", "/loop".to_owned()),
        ("/out", format!("{elsewhere}/")),
        ("/scheme", "//127.0.0.1:1/".to_owned()),
        ("/user", "/done".to_owned()),
    ];
    let server = Server::start(Answer::Redirects(table)).await;
    let rows = [
        (Method::GET, "/one", 200, 2),
        (Method::HEAD, "/one", 200, 2),
        (Method::POST, "/one", 302, 1),
        (Method::DELETE, "/one", 302, 1),
        (Method::GET, "/three/", 200, 3),
        (Method::GET, "/loop", 302, 4),
        (Method::GET, "/out", 302, 1),
        (Method::GET, "/scheme", 302, 1),
    ];
    for (method, path, status, requests) in rows {
        server.heads.lock().unwrap().clear();
        let (got, _) = send(method.clone(), &format!("{}{path}", server.origin)).await.unwrap();
        assert_eq!((got, server.lines().len()), (status, requests), "{method} {path}: {:?}", server.lines());
        let with_key = |head: &String| head.contains("x-key: s3cret");
        assert!(server.heads.lock().unwrap().iter().all(with_key), "{path}");
    }
    assert_eq!(other.lines(), [] as [&str; 0]);
}

#[tokio::test]
async fn targets_reach_the_wire_byte_by_byte() {
    let server = Server::start(ok(b"", "connection: close\r\n")).await;
    let same = [
        "/",
        "/a/b",
        "//a//b/",
        "/a;b=c,d:e@f!$&'()*+",
        "/%2F%5C%20%C3%A9%7B%7D",
        "/a|b^c[d]",
        "/a?",
        "/?a=b&&c",
        "/?a=b?/:@!$()*+,;",
        "/?a=%27%20+%2B",
        "/?a[b]=c|d^e{f}`g\\h~",
        "/...",
        "/..;/",
        "/a%zz",
    ];
    for target in same {
        server.heads.lock().unwrap().clear();
        send(Method::GET, &format!("{}{target}", server.origin)).await.unwrap();
        assert_eq!(server.lines(), [format!("GET {target}")]);
    }
}

#[tokio::test]
async fn a_path_that_the_client_would_change_is_not_sent() {
    let server = Server::start(ok(b"", "")).await;
    for target in ["/a/../b", "/a/./b", "/a/%2e%2E/b", "/a/.%2e", "/a/%2E/b", "/a\\b", "/{a}", "/a\"b"] {
        let fault = send(Method::GET, &format!("{}{target}", server.origin)).await;
        assert_eq!(fault, Err(Fault::Unsendable), "{target}");
    }
    assert_eq!(server.lines(), [] as [&str; 0]);
}

#[tokio::test]
async fn dropping_a_call_ends_its_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let call = tokio::spawn(async move { send(Method::GET, &url).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut head = vec![0; 1024];
    assert!(stream.read(&mut head).await.unwrap() > 0);
    call.abort();
    let mut rest = Vec::new();
    assert_eq!(stream.read_to_end(&mut rest).await.unwrap(), 0, "the connection is closed");
}
