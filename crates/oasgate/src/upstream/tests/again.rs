//! What is sent again, what waits, and what is not sent at all.

use http::Response;

use super::super::breaker::FAILURES;
use super::*;

const DONE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ndone";

fn status(line: &str, extra: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\nconnection: close\r\n{extra}\r\n").into_bytes()
}

async fn request(
    upstream: &Upstream,
    method: &str,
    url: &str,
    field: &str,
) -> Result<Response<Bytes>, Fault> {
    let request = Request::builder().method(method).uri(url).header(field, "x").body(Bytes::new()).unwrap();
    upstream.send(request, Redirects::SameOrigin).await
}

/// A method, a header field, what the upstream answers first, and what comes of it: status and requests made.
type Row<'r> = (&'r str, &'r str, Vec<u8>, Result<u16, ()>, usize);

#[tokio::test]
async fn only_what_may_be_repeated_is() {
    let soon = || status("503 Service Unavailable", "retry-after: 0\r\n");
    let rows: [Row<'_>; 19] = [
        ("GET", "x", soon(), Ok(200), 2),
        ("HEAD", "x", soon(), Ok(200), 2),
        ("OPTIONS", "x", soon(), Ok(200), 2),
        ("QUERY", "x", soon(), Ok(200), 2),
        ("PUT", "x", soon(), Ok(200), 2),
        ("DELETE", "x", soon(), Ok(200), 2),
        ("POST", "x", soon(), Ok(503), 1),
        ("PATCH", "x", soon(), Ok(503), 1),
        ("POST", "idempotency-key", soon(), Ok(200), 2),
        ("PATCH", "idempotency-key", soon(), Ok(200), 2),
        ("GET", "x", status("429 Too Many Requests", "retry-after: 0\r\n"), Ok(200), 2),
        ("GET", "x", status("429 Too Many Requests", ""), Ok(429), 1),
        ("GET", "x", status("429 Too Many Requests", "retry-after: 11\r\n"), Ok(429), 1),
        ("GET", "x", status("503 Service Unavailable", "retry-after: soon\r\n"), Ok(503), 1),
        ("GET", "x", status("500 Internal Server Error", "retry-after: 0\r\n"), Ok(500), 1),
        ("GET", "x", Vec::new(), Ok(200), 2),
        ("POST", "x", Vec::new(), Err(()), 1),
        ("POST", "idempotency-key", Vec::new(), Ok(200), 2),
        ("GET", "x", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_vec(), Err(()), 1),
    ];
    for (method, field, first, expected, requests) in rows {
        let server = Server::start(Answer::InTurn(vec![first.clone(), DONE.to_vec()])).await;
        let upstream = Upstream::direct(Limits::DEFAULT).unwrap();
        let answer = request(&upstream, method, &server.origin, field).await;
        let got = answer.map(|answer| answer.status().as_u16()).map_err(drop);
        let first = String::from_utf8_lossy(&first);
        assert_eq!((got, server.lines().len()), (expected, requests), "{method} {field} {first}");
        let heads = server.heads.lock().unwrap();
        assert!(heads.iter().all(|head| head == &heads[0]), "the same again: {heads:?}");
    }
}

#[tokio::test]
async fn a_request_is_sent_three_times_at_most() {
    let server = Server::start(Answer::Bytes(status("503 Service Unavailable", "retry-after: 0\r\n"))).await;
    let upstream = Upstream::direct(Limits::DEFAULT).unwrap();
    let answer = request(&upstream, "GET", &server.origin, "x").await.unwrap();
    assert_eq!((answer.status().as_u16(), server.lines().len()), (503, 3));
}

#[tokio::test]
async fn retries_have_a_budget() {
    let again = status("429 Too Many Requests", "retry-after: 0\r\n");
    let server = Server::start(Answer::Bytes(again)).await;
    let upstream = Upstream::direct(Limits::DEFAULT).unwrap();
    for _ in 0..20 {
        request(&upstream, "GET", &server.origin, "x").await.unwrap();
    }
    // Ten retries are free, and twenty requests have earned one or two more.
    let retries = server.lines().len() - 20;
    assert!((10..=12).contains(&retries), "{retries}");
}

#[tokio::test]
async fn more_than_may_be_in_flight_wait_or_are_told_to() {
    let server = Server::start(Answer::Hang("")).await;
    let limits = Limits { concurrency: 2, queue: Duration::from_millis(100), ..Limits::DEFAULT };
    let upstream = Upstream::direct(limits).unwrap();
    let calls: Vec<_> = (0..2)
        .map(|_| {
            let (upstream, url) = (upstream.clone(), server.origin.clone());
            tokio::spawn(async move { request(&upstream, "GET", &url, "x").await })
        })
        .collect();
    while server.lines().len() < 2 {
        tokio::task::yield_now().await;
    }
    let fault = request(&upstream, "GET", &server.origin, "x").await.unwrap_err();
    assert_eq!(fault, Fault::Busy { origin: server.origin.clone(), limit: 2 });
    // Another origin is none of its business, and a slot is free again when its call is given up.
    let other = Server::start(Answer::Bytes(DONE.to_vec())).await;
    request(&upstream, "GET", &other.origin, "x").await.unwrap();
    calls.iter().for_each(tokio::task::JoinHandle::abort);
    let waiting = tokio::spawn(async move { request(&upstream, "GET", &server.origin, "x").await });
    while server.heads.lock().unwrap().len() < 3 {
        tokio::task::yield_now().await;
    }
    waiting.abort();
}

#[tokio::test]
async fn an_origin_that_keeps_failing_is_left_alone() {
    let mut answers = vec![status("502 Bad Gateway", ""); 3];
    answers.push(DONE.to_vec());
    // What breaks the API is one caller's request, and no reason to keep others away.
    answers.extend(vec![status("500 Internal Server Error", ""); 2 * FAILURES as usize]);
    answers.extend(vec![status("502 Bad Gateway", ""); FAILURES as usize]);
    answers.push(DONE.to_vec());
    let server = Server::start(Answer::InTurn(answers)).await;
    let upstream = Upstream::direct(Limits::DEFAULT).unwrap();
    // Failures count in a row only.
    for _ in 0..3 + 1 + 2 * FAILURES + FAILURES {
        request(&upstream, "POST", &server.origin, "x").await.unwrap();
    }
    let sent = server.lines().len();
    let fault = request(&upstream, "POST", &server.origin, "x").await.unwrap_err();
    assert!(matches!(fault, Fault::Resting { .. }), "{fault:?}");
    assert!(fault.to_string().contains("Nothing was sent: the last 10 requests"), "{fault}");
    assert_eq!(server.lines().len(), sent);
}

#[tokio::test]
async fn private_addresses_are_out_of_reach() {
    let upstream = Upstream::public_only(Limits::DEFAULT).unwrap();
    let server = Server::start(Answer::Bytes(DONE.to_vec())).await;
    let port = server.origin.rsplit(':').next().unwrap();
    for host in
        ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433", "169.254.169.254"]
    {
        let fault = request(&upstream, "GET", &format!("http://{host}:{port}/"), "x").await.unwrap_err();
        assert!(matches!(fault, Fault::Private { .. }), "{host}: {fault:?}");
    }
    assert_eq!(server.lines(), [] as [&str; 0]);
}
