//! Codings, and what they and headers may cost.

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZstdEncoder};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::*;

/// What an encoder makes of this.
macro_rules! coded {
    ($encoder:ident, $bytes:expr) => {{
        let mut encoder = $encoder::new(Vec::new());
        write(&mut encoder, $bytes).await;
        encoder.into_inner()
    }};
}

async fn write(encoder: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) {
    encoder.write_all(bytes).await.unwrap();
    encoder.shutdown().await.unwrap();
}

async fn get(limits: Limits, url: &str) -> Result<http::Response<Bytes>, Fault> {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    Upstream::direct(limits).unwrap().send(request, Redirects::SameOrigin).await
}

#[tokio::test]
async fn codings_are_asked_for_and_undone() {
    let text = "Größe, ".repeat(10_000);
    let bytes = text.as_bytes();
    let gzip = coded!(GzipEncoder, bytes);
    let rows = [
        ("gzip", gzip.clone(), bytes.to_vec()),
        ("X-GZIP", [gzip.clone(), gzip].concat(), bytes.repeat(2)),
        ("br", coded!(BrotliEncoder, bytes), bytes.to_vec()),
        ("zstd", coded!(ZstdEncoder, bytes), bytes.to_vec()),
        ("gzip", Vec::new(), Vec::new()),
    ];
    for (coding, sent, expected) in rows {
        let server = Server::start(ok(&sent, &format!("content-encoding: {coding}\r\n"))).await;
        let answer = get(Limits::DEFAULT, &server.origin).await.unwrap();
        assert!(answer.body() == &expected, "{coding}: {} bytes", answer.body().len());
        for name in ["content-encoding", "content-length"] {
            assert!(!answer.headers().contains_key(name), "{coding}: {name}");
        }
        assert!(server.heads.lock().unwrap()[0].contains("accept-encoding: gzip, br, zstd\r\n"));
    }
}

#[tokio::test]
async fn a_coding_that_nobody_asked_for_stays() {
    for coding in ["compress", "gzip, gzip", "identity"] {
        let server = Server::start(ok(b"coded", &format!("content-encoding: {coding}\r\n"))).await;
        let answer = get(Limits::DEFAULT, &server.origin).await.unwrap();
        assert_eq!(
            (answer.body().as_ref(), &answer.headers()["content-encoding"]),
            (b"coded".as_slice(), &http::HeaderValue::from_static(coding))
        );
    }
}

#[tokio::test]
async fn what_few_bytes_may_become_has_a_limit() {
    let zeros = vec![0; 4 << 20];
    let text: String = (0..300_000).map(|number| format!("{{\"id\":{number}}},")).collect();
    let rows = [
        ("gzip", coded!(GzipEncoder, &zeros), true),
        ("br", coded!(BrotliEncoder, &zeros), true),
        ("zstd", coded!(ZstdEncoder, &zeros), true),
        ("gzip", coded!(GzipEncoder, &zeros[..1 << 20]), false),
        ("gzip", coded!(GzipEncoder, text.as_bytes()), false),
    ];
    for (coding, sent, is_refused) in rows {
        let server = Server::start(ok(&sent, &format!("content-encoding: {coding}\r\n"))).await;
        let answer = get(Limits::DEFAULT, &server.origin).await;
        match answer {
            Err(fault) => {
                assert!(is_refused);
                assert_eq!(fault, Fault::Inflated { origin: server.origin, ratio: 200 }, "{coding}");
            }
            Ok(_) => assert!(!is_refused, "{coding}, {} bytes", sent.len()),
        }
    }
}

/// Blocks that hold nothing (RFC 1951, 3.2.4) never become too many bytes: the wire has a limit of its own.
#[tokio::test]
async fn bytes_that_become_nothing_count() {
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f";
    let mut chunk = vec![0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    chunk.extend(b"\x00\x00\x00\xff\xff".repeat(100_000));
    let server = Server::start(Answer::Endless(head, chunk)).await;
    let limits = Limits { body: 100_000, ..Limits::DEFAULT };
    let fault = get(limits, &server.origin).await.unwrap_err();
    assert_eq!(fault, Fault::TooLarge { origin: server.origin, limit: 100_000 });
}

/// A frame that asks for a window of 128 MiB (RFC 8878, 3.1.1.1.2) gets no memory for it.
#[tokio::test]
async fn a_window_beyond_the_standard_is_refused() {
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00];
    let server = Server::start(ok(&frame, "content-encoding: zstd\r\n")).await;
    let fault = get(Limits::DEFAULT, &server.origin).await.unwrap_err();
    assert!(matches!(fault, Fault::Cut { .. }), "{fault:?}");
}

#[tokio::test]
async fn an_answer_that_pauses_too_long_is_given_up() {
    let idle = Duration::from_millis(100);
    for coding in ["", "content-encoding: gzip\r\n"] {
        let head = format!("HTTP/1.1 200 OK\r\n{coding}content-length: 10\r\n\r\n\x1f");
        let server = Server::start(Answer::Hang(head.leak())).await;
        let fault = get(Limits { idle, ..Limits::DEFAULT }, &server.origin).await.unwrap_err();
        assert_eq!(fault, Fault::Idle { origin: server.origin, after: idle });
    }
}

#[tokio::test]
async fn a_header_has_a_limit() {
    for (length, is_refused) in [(60 << 10, false), (65 << 10, true)] {
        let server = Server::start(ok(b"", &format!("x: {}\r\n", "x".repeat(length)))).await;
        let answer = get(Limits::DEFAULT, &server.origin).await;
        match answer {
            Err(fault) => assert_eq!((fault, is_refused), (Fault::Header { origin: server.origin }, true)),
            Ok(_) => assert!(!is_refused, "{length}"),
        }
    }
}
