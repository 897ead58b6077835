//! Every way in which a question can end.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Asking, Asks};
use crate::envelope::{Message, Payload, payload};
use crate::input::InputRequest;
use crate::tests::support::soon;

fn asking(patience: Duration) -> (Asking, mpsc::Receiver<crate::reply::Frames>) {
    let (frames, sent) = mpsc::channel(4);
    (Asking { asks: Asks::default(), frames, patience }, sent)
}

fn answer(asks: &Asks, response: &Value) {
    let text = response.to_string();
    match payload(text.as_bytes()) {
        Ok(Payload::Single(Message::Response(response))) => asks.answer(&response),
        other => panic!("no response: {other:?}"),
    }
}

async fn sent(frames: &mut mpsc::Receiver<crate::reply::Frames>) -> Value {
    serde_json::from_slice(&soon(frames.recv()).await.unwrap().into_line()).unwrap()
}

fn one() -> Vec<(String, InputRequest)> {
    vec![("k".to_owned(), InputRequest::roots())]
}

#[tokio::test]
async fn responses() {
    let rows = [
        (json!({"result": {"roots": []}}), Ok(r#"{"roots":[]}"#)),
        (json!({"result": {"roots": []}, "error": null}), Ok(r#"{"roots":[]}"#)),
        (json!({"error": {"code": -1, "message": "no"}}), Err("the client did not answer roots/list: no")),
        (json!({"error": "no"}), Err("the client did not answer roots/list: ")),
        (json!({"result": 5}), Err("the client did not answer roots/list: its result is no object")),
    ];
    for (response, expected) in rows {
        let (asking, mut frames) = asking(Duration::from_secs(60));
        let respond = async {
            let request = sent(&mut frames).await;
            assert_eq!(request["method"], "roots/list");
            let mut response = response.clone();
            response["jsonrpc"] = json!("2.0");
            for id in [json!("another"), json!(1), request["id"].clone(), request["id"].clone()] {
                response["id"] = id;
                answer(&asking.asks, &response);
            }
        };
        let (answers, ()) = tokio::join!(asking.ask(one()), respond);
        let answers = answers.map(|answers: HashMap<_, _>| answers["k"].get().to_owned());
        assert_eq!(answers.as_deref().map_err(String::as_str), expected, "{response}");
        assert!(asking.asks.0.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn no_response() {
    let (hasty, _frames) = asking(Duration::ZERO);
    assert_eq!(hasty.ask(one()).await.unwrap_err(), "the client did not answer in time");
    let (left, frames) = asking(Duration::from_secs(60));
    drop(frames);
    assert_eq!(left.ask(one()).await.unwrap_err(), "the client is gone");
    for asks in [hasty.asks, left.asks] {
        assert!(asks.0.lock().unwrap().is_empty(), "nobody waits any more");
    }
}

/// 2025-11-25, schema, `ElicitRequestURLParams`.
#[tokio::test]
async fn pages_have_an_id() {
    let (asking, mut frames) = asking(Duration::from_secs(60));
    let page = vec![("k".to_owned(), InputRequest::page("Sign in", "https://a.example/"))];
    let request = async {
        let request = sent(&mut frames).await;
        answer(&asking.asks, &json!({"jsonrpc": "2.0", "id": request["id"], "result": {"action": "accept"}}));
        request
    };
    let (answers, request) = tokio::join!(asking.ask(page), request);
    answers.unwrap();
    let params = json!({
        "elicitationId": request["id"], "mode": "url", "message": "Sign in", "url": "https://a.example/"});
    assert_eq!(request["params"], params);
}
