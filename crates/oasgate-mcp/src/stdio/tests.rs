//! What only stdio has: lines, cancellation by message, the end of the input
//! (2026-07-28, basic/transports/stdio, unless a section says otherwise).

use std::time::Duration;

use serde_json::{Value, json};

use crate::stdio::{Conversation, Options, serve};
use crate::tests::support::{Desk, Event, Pipes, modern, soon};

fn ping(id: i32) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": "ping"}).to_string()
}

fn wait(id: i32) -> String {
    modern(&json!(id), "tools/call", json!({"name": "wait"})).to_string()
}

fn cancel(id: i32) -> String {
    let params = json!({"requestId": id, "reason": "enough"});
    json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}).to_string()
}

fn ids(messages: &[Value]) -> Vec<Option<i64>> {
    messages.iter().map(|message| message["id"].as_i64()).collect()
}

#[tokio::test]
async fn lines() {
    let limit = ping(1).len();
    let mut pipes = Pipes::open(Desk::new().0, Options { line_limit: limit, ..Options::default() });
    for line in
        [ping(1), format!("{} ", ping(2)), String::new(), " \r".to_owned(), "x".repeat(3 * limit), ping(3)]
    {
        pipes.send(&line).await;
    }
    let replies = pipes.rest().await;
    assert_eq!(ids(&replies), [Some(1), None, None, Some(3)]);
    assert_eq!(replies[1]["error"]["code"], -32600);
}

#[tokio::test]
async fn calls_run_beside_each_other() {
    let (desk, mut events, gate) = Desk::new();
    let mut pipes = Pipes::open(desk, Options::default());
    for line in [wait(1), wait(2), ping(3)] {
        pipes.send(&line).await;
    }
    assert_eq!(
        [soon(events.recv()).await, soon(events.recv()).await],
        [Some(Event::Begun), Some(Event::Begun)]
    );
    assert_eq!(pipes.receive().await.unwrap()["id"], 3);
    gate.add_permits(2);
    let mut others = ids(&pipes.rest().await);
    others.sort_unstable();
    assert_eq!(others, [Some(1), Some(2)]);
}

#[tokio::test]
async fn calls_wait_for_their_turn() {
    let (desk, mut events, gate) = Desk::new();
    let mut pipes = Pipes::open(desk, Options { in_flight: 1, ..Options::default() });
    for line in [wait(1), wait(2)] {
        pipes.send(&line).await;
    }
    gate.add_permits(2);
    assert_eq!(ids(&pipes.rest().await), [Some(1), Some(2)]);
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        told.push(event);
    }
    assert_eq!(told, [Event::Begun, Event::Ended, Event::Begun, Event::Ended]);
}

/// basic/patterns/cancellation: the call stops, and nothing more is sent for it.
#[tokio::test]
async fn cancellation() {
    let (desk, mut events, _gate) = Desk::new();
    let mut pipes = Pipes::open(desk, Options::default());
    pipes.send(&wait(1)).await;
    assert_eq!(soon(events.recv()).await, Some(Event::Begun));
    pipes.send(&cancel(7)).await;
    pipes.send(&cancel(1)).await;
    assert_eq!(soon(events.recv()).await, Some(Event::GivenUp));
    pipes.send(&cancel(1)).await;
    pipes.send(&ping(2)).await;
    assert_eq!(ids(&pipes.rest().await), [Some(2)]);
}

/// A call that waits for its turn is never begun.
#[tokio::test]
async fn cancellation_before_the_turn() {
    let (desk, mut events, gate) = Desk::new();
    let mut pipes = Pipes::open(desk, Options { in_flight: 1, ..Options::default() });
    pipes.send(&wait(1)).await;
    assert_eq!(soon(events.recv()).await, Some(Event::Begun));
    pipes.send(&wait(2)).await;
    pipes.send(&cancel(2)).await;
    pipes.send(&ping(3)).await;
    assert_eq!(pipes.receive().await.unwrap()["id"], 3);
    gate.add_permits(1);
    assert_eq!(ids(&pipes.rest().await), [Some(1)]);
    assert_eq!(soon(events.recv()).await, Some(Event::Ended));
    assert!(soon(events.recv()).await.is_none());
}

/// 2025-03-26, where a batch may hold calls to be cancelled one by one.
#[tokio::test]
async fn cancellation_within_a_batch() {
    let (desk, mut events, gate) = Desk::new();
    let mut pipes = Pipes::greeted(desk, "2025-03-26").await;
    let call = |id| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "wait"}});
    pipes.send(&json!([call(1), call(2)]).to_string()).await;
    assert_eq!(soon(events.recv()).await, Some(Event::Begun));
    pipes.send(&cancel(1)).await;
    assert_eq!(soon(events.recv()).await, Some(Event::GivenUp));
    gate.add_permits(1);
    let replies = pipes.rest().await;
    assert_eq!(ids(replies[0].as_array().unwrap()), [Some(2)]);
}

#[tokio::test]
async fn the_end_of_input_waits_for_calls() {
    let (desk, mut events, gate) = Desk::new();
    let mut pipes = Pipes::open(desk, Options::default());
    pipes.send(&wait(1)).await;
    assert_eq!(soon(events.recv()).await, Some(Event::Begun));
    pipes.end_input();
    gate.add_permits(1);
    assert_eq!(ids(&pipes.rest().await), [Some(1)]);
}

#[tokio::test]
async fn but_not_for_ever() {
    let (desk, mut events, _gate) = Desk::new();
    let mut pipes = Pipes::open(desk, Options { grace: Duration::ZERO, ..Options::default() });
    pipes.send(&wait(1)).await;
    assert_eq!(soon(events.recv()).await, Some(Event::Begun));
    assert_eq!(ids(&pipes.rest().await), []);
    assert_eq!(soon(events.recv()).await, Some(Event::GivenUp));
}

#[tokio::test]
async fn a_closed_output_ends_it() {
    let (input, theirs) = tokio::io::duplex(1024);
    let (ours, output) = tokio::io::duplex(1024);
    drop(output);
    let (desk, _events, _gate) = Desk::new();
    let mut input = input;
    tokio::io::AsyncWriteExt::write_all(&mut input, format!("{}\n", ping(1)).as_bytes()).await.unwrap();
    let ended = serve(desk, theirs, ours, Options::default()).await;
    assert_eq!(ended.unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
}

/// Calls that have ended leave nothing behind.
#[tokio::test]
async fn ended_calls_are_forgotten() {
    let (replies, mut queue) = tokio::sync::mpsc::channel(8);
    let mut conversation = Conversation::new(Desk::new().0, replies, &Options::default());
    let echo = modern(&json!(1), "tools/call", json!({"name": "echo"})).to_string();
    conversation.receive(echo.as_bytes()).await;
    assert_eq!(conversation.cancellations.len(), 1);
    assert!(soon(queue.recv()).await.is_some());
    soon(async {
        while !conversation.cancellations.is_empty() {
            conversation.receive(ping(2).as_bytes()).await;
            queue.recv().await;
        }
    })
    .await;
}
