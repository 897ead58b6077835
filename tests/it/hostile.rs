//! An upstream that means harm: every call ends in time and within bounds, no credential is told, and the next call is
//! as if nothing had been.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::client::{Connected, Era, Transport, call, connect, text};
use crate::support::upstream::{Upstream, file};

const TOKEN: &str = "t0ken/of \"the\" operator";
const CREDENTIAL: [(&str, &str); 1] = [("OASGATE_CREDENTIAL_BEARER", TOKEN)];

/// What a harm does once it has read a request; `here` is its own origin, and `away` another.
type Harm = fn(&Request) -> Answer;

struct Request {
    head: String,
    here: String,
    away: String,
}

/// What is sent: this, and then that again and again, with a pause in between or none; without it, the connection is
/// closed, or nothing more happens.
struct Answer {
    first: Vec<u8>,
    then: Then,
}

enum Then {
    Close,
    Hang,
    Again(Vec<u8>, Duration),
}

fn close(first: impl Into<Vec<u8>>) -> Answer {
    Answer { first: first.into(), then: Then::Close }
}

fn hang(first: &str) -> Answer {
    Answer { first: first.into(), then: Then::Hang }
}

fn again(first: &str, chunk: impl Into<Vec<u8>>) -> Answer {
    Answer { first: first.into(), then: Then::Again(chunk.into(), Duration::ZERO) }
}

fn drip(first: &str, chunk: &str) -> Answer {
    Answer { first: first.into(), then: Then::Again(chunk.into(), Duration::from_millis(50)) }
}

const IN_TIME: &str = "did not answer within 1 s";
const TOO_LARGE: &str = "answered with more than 8 MiB";
const BROKEN: &str = "broke before it answered";
const CUT: &str = "is not complete";

/// Each harm, and what is told of it: as an error, unless the text begins with `=`.
const HARMS: [(&str, Harm, &str); 27] = [
    ("endless", |_| again("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n", [b'x'; 16_384]), TOO_LARGE),
    ("endlessChunks", |_| again("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunk()), TOO_LARGE),
    ("endlessError", |_| again("HTTP/1.1 500 Internal Server Error\r\n\r\n", [b'x'; 16_384]), TOO_LARGE),
    ("endlessRedirect", |_| again("HTTP/1.1 302 Found\r\nlocation: /x\r\n\r\n", [b'x'; 16_384]), "=fine"),
    ("drip", |_| drip("HTTP/1.1 200 OK\r\n\r\n", "x"), IN_TIME),
    ("dripInHeader", |_| drip("HTTP/1.1 200 OK\r\nx: ", "x"), IN_TIME),
    (
        "dripOfChunks",
        |_| drip("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        IN_TIME,
    ),
    (
        "announced300MB",
        |_| again("HTTP/1.1 200 OK\r\ncontent-length: 300000000\r\n\r\n", [b'x'; 16_384]),
        TOO_LARGE,
    ),
    (
        "bomb",
        |_| {
            let mut answer = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n".to_vec();
            answer.extend(bomb(60_000));
            close(answer)
        },
        TOO_LARGE,
    ),
    ("emptyGzip", |_| again("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n", empty_members()), TOO_LARGE),
    ("noGzip", |_| close("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc"), CUT),
    ("tooShort", |_| close("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"), CUT),
    ("tooLong", |_| close("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\nx"), "=abc"),
    (
        "twoLengths",
        |_| close("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd"),
        BROKEN,
    ),
    ("noLength", |_| close("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nabc"), BROKEN),
    (
        "badChunk",
        |_| close("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nx"),
        CUT,
    ),
    ("headerFlood", |_| again("HTTP/1.1 200 OK\r\n", b"x-flood: xxxxxxxxxxxxxxxx\r\n".repeat(100)), BROKEN),
    ("endlessField", |_| again("HTTP/1.1 200 OK\r\nx: ", [b'x'; 16_384]), BROKEN),
    (
        "largeHeader",
        |_| close(format!("HTTP/1.1 204 No Content\r\nx: {}\r\n\r\n", "x".repeat(100_000))),
        "header of more than 64 KiB",
    ),
    ("interim", |_| again("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)), IN_TIME),
    ("loop", |request| redirect(&format!("{}/loop", request.here)), "302"),
    ("elsewhere", |request| redirect(&format!("{}/caught", request.away)), "302"),
    ("hang", |_| hang(""), IN_TIME),
    ("hangInHeader", |_| hang("HTTP/1.1 200 OK\r\ncontent-le"), IN_TIME),
    ("hangInBody", |_| hang("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"), IN_TIME),
    (
        "garbage",
        |_| close("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"a\": [1, \x01"),
        "=\"a\": [1, \u{1}",
    ),
    (
        "echo",
        |request| {
            let body = json!({"error": "bad token", "request": request.head}).to_string();
            close(format!(
                "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\n\r\n{body}{}",
                request.head
            ))
        },
        "Bearer ****",
    ),
];

/// A chunk of 4096 letters (RFC 9112, 7.1).
fn chunk() -> Vec<u8> {
    [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat()
}

fn redirect(to: &str) -> Answer {
    close(format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"))
}

/// Gzip (RFC 1952) of `count` times 258 letters and one more: one letter, and "258 times the letter before" over and
/// over, in the fixed code of deflate (RFC 1951, 3.2.6).
fn bomb(count: usize) -> Vec<u8> {
    let code = |code: u8, bits: u8| (0..bits).rev().map(move |bit| code >> bit & 1 == 1);
    let mut bits = vec![true, true, false];
    bits.extend(code(0x30 + b'x', 8));
    for _ in 0..count {
        bits.extend(code(0b1100_0101, 8).chain(code(0, 5)));
    }
    let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    header.into_iter().chain(bits.chunks(8).map(byte)).collect()
}

/// Many gzip files of nothing: on the wire they are endless, and become no byte.
fn empty_members() -> Vec<u8> {
    b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0".repeat(500)
}

/// Starts an upstream that does each harm at a path of its name, and at `/fine` none.
async fn start(away: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    let (origin, away) = (here.clone(), away.to_owned());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (here, away) = (here.clone(), away.clone());
            tokio::spawn(async move { serve(stream, here, away).await });
        }
    });
    origin
}

/// One connection. It ends when the program has closed its end, or earlier.
async fn serve(mut stream: TcpStream, here: String, away: String) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let answer = if let Some((_, harm, _)) = HARMS.iter().find(|(name, ..)| *name == path) {
        harm(&Request { head, here, away })
    } else {
        assert!(head.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{head}");
        close("HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfine")
    };
    stream.write_all(&answer.first).await.ok()?;
    match answer.then {
        Then::Close => stream.shutdown().await.ok()?,
        Then::Hang => {}
        Then::Again(chunk, pause) => {
            while stream.write_all(&chunk).await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        }
    }
    stream.read_to_end(&mut Vec::new()).await.ok().map(drop)
}

/// A description with an operation for each harm, and `fine`.
fn description(origin: &str) -> Value {
    let names = HARMS.iter().map(|(name, ..)| *name).chain(["fine"]);
    let path = |name: &str| (format!("/{name}"), json!({"get": {"operationId": name, "responses": {}}}));
    let paths: serde_json::Map<String, Value> = names.map(path).collect();
    json!({
        "openapi": "3.1.0", "info": {"title": "Harm", "version": "1"}, "servers": [{"url": origin}],
        "security": [{"bearer": []}], "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    })
}

async fn program(origin: &str, seconds: &str) -> Connected {
    let spec = file(&description(origin));
    let way = (Transport::Http, Era::Modern);
    connect(way, spec.to_str().unwrap(), &["--timeout", seconds], &CREDENTIAL).await
}

/// No harm is done: the call says what it was, tells no credential, and the next call works.
async fn harmless(program: &Connected, name: &str, expected: &str) {
    let result = call(&program.client, name, json!({})).await.unwrap();
    let (text, is_error) = (text(&result), result.is_error == Some(true));
    let shown: String = text.chars().take(500).collect();
    assert_eq!(is_error, !expected.starts_with('='), "{name}: {shown}");
    assert!(text.contains(expected.trim_start_matches('=')), "{name}: {shown}");
    let all = serde_json::to_string(&result).unwrap();
    assert!(!all.contains("t0ken"), "{name}: {all}");
    let next = call(&program.client, "fine", json!({})).await.unwrap();
    assert_eq!(self::text(&next), "fine", "after {name}");
}

#[tokio::test]
async fn every_harm_is_told_and_the_next_call_works() {
    let away = Upstream::start("").await;
    let origin = start(&away.origin).await;
    let (patient, hasty) = (program(&origin, "60").await, program(&origin, "1").await);
    for (name, _, expected) in HARMS {
        harmless(if expected == IN_TIME { &hasty } else { &patient }, name, expected).await;
    }
    assert_eq!(away.arrived().len(), 0, "nothing is sent elsewhere");
}

/// Reads the program's own account of its memory, which Linux keeps.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_stays_small_whatever_is_sent() {
    let away = Upstream::start("").await;
    let program = program(&start(&away.origin).await, "60").await;
    harmless(&program, "tooLong", "=abc").await;
    let idle = program.memory("VmRSS");
    for (name, _, expected) in HARMS.iter().filter(|(.., expected)| *expected != IN_TIME) {
        harmless(&program, name, expected).await;
    }
    let more = program.memory("VmHWM") - idle;
    assert!(more < 64 << 10, "{more} KiB above {idle} KiB");
}
