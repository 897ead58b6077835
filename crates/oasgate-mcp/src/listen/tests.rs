//! What listeners hear, and what they don't.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Filter, Listening};
use crate::about::{About, Implementation};
use crate::capabilities::Capabilities;
use crate::changes::{Changes, Kinds};
use crate::revision::Revision;
use crate::session::Session;
use crate::tests::support::{raw, soon};

const ALL: Kinds = Kinds { tools: true, prompts: true, resources: true, updates: true };

fn subscribe(filter: &Value, changes: &Changes) -> Listening {
    let about = Arc::new(About::new(Implementation::default()));
    Listening::subscribe(&raw(&json!("s")), Filter::read(Some(&raw(filter))).unwrap(), changes, about)
}

/// Everything that is told until the hub is gone.
async fn heard(mut listening: Listening) -> Vec<Value> {
    let mut heard = Vec::new();
    while let Some(frames) = soon(listening.next()).await {
        heard.push(serde_json::from_slice(&frames.flatten().collect::<Vec<u8>>()).unwrap());
    }
    heard
}

fn tell_all(changes: &Changes) {
    changes.tools_changed();
    changes.prompts_changed();
    changes.resources_changed();
    changes.resource_updated("r:1");
    changes.resource_updated("r:2");
}

/// The last part of the method of each notification.
fn methods(heard: &[Value]) -> Vec<String> {
    let method = |message: &Value| {
        let method = message["method"].as_str().unwrap_or("result");
        method.trim_start_matches("notifications/").to_owned()
    };
    heard.iter().map(method).collect()
}

/// 2026-07-28, basic/patterns/subscriptions.
#[tokio::test]
async fn filters() {
    let rows = [
        (ALL, json!({}), json!({}), vec![]),
        (
            ALL,
            json!({"toolsListChanged": true}),
            json!({"toolsListChanged": true}),
            vec!["tools/list_changed"],
        ),
        (ALL, json!({"toolsListChanged": false, "unknown": true}), json!({}), vec![]),
        (
            ALL,
            json!({"promptsListChanged": true, "resourcesListChanged": true}),
            json!({"promptsListChanged": true, "resourcesListChanged": true}),
            vec!["prompts/list_changed", "resources/list_changed"],
        ),
        (
            ALL,
            json!({"resourceSubscriptions": ["r:2", "r:3"]}),
            json!({"resourceSubscriptions": ["r:2", "r:3"]}),
            vec!["resources/updated"],
        ),
        (
            Kinds { tools: true, ..Kinds::default() },
            json!({"toolsListChanged": true, "promptsListChanged": true, "resourceSubscriptions": ["r:1"]}),
            json!({"toolsListChanged": true}),
            vec!["tools/list_changed"],
        ),
    ];
    for (kinds, filter, honoured, expected) in rows {
        let changes = Changes::of(kinds);
        let listening = subscribe(&filter, &changes);
        tell_all(&changes);
        drop(changes);
        let heard = heard(listening).await;
        let mut sorted = heard[0]["params"]["notifications"].clone();
        if let Some(uris) = sorted.get_mut("resourceSubscriptions") {
            uris.as_array_mut().unwrap().sort_by_key(Value::to_string);
        }
        assert_eq!(sorted, honoured, "{filter}");
        let expected = [vec!["subscriptions/acknowledged"], expected, vec!["result"]].concat();
        assert_eq!(methods(&heard), expected, "{filter}");
        let (last, notifications) = heard.split_last().unwrap();
        let id = |meta: &Value| meta["_meta"]["io.modelcontextprotocol/subscriptionId"].clone();
        assert!(notifications.iter().all(|message| id(&message["params"]) == "s"));
        assert_eq!((&last["id"], &id(&last["result"])), (&json!("s"), &json!("s")));
    }
}

#[test]
fn no_filters() {
    let many: Vec<_> = (0..1001).map(|index| index.to_string()).collect();
    for filter in [json!([]), json!({"toolsListChanged": 1}), json!({"resourceSubscriptions": many})] {
        assert!(Filter::read(Some(&raw(&filter))).is_err());
    }
    assert!(Filter::read(None).is_err());
}

/// A slow listener is told everything once more, not nothing.
#[tokio::test]
async fn slow_listeners() {
    let changes = Changes::of(ALL);
    let listening = subscribe(&json!({"toolsListChanged": true, "resourceSubscriptions": ["r:9"]}), &changes);
    changes.tools_changed();
    changes.resource_updated("r:9");
    for _ in 0..100 {
        changes.prompts_changed();
    }
    drop(changes);
    let methods = methods(&heard(listening).await);
    assert_eq!(methods, ["subscriptions/acknowledged", "tools/list_changed", "resources/updated", "result"]);
}

/// 2025-11-25, server/resources, Subscriptions: as long as the client wants them.
#[tokio::test]
async fn sessions() {
    let session = Arc::new(Session::new(Revision::V2025_11_25, None, Capabilities::default(), None));
    let changes = Changes::of(ALL);
    let mut listening = Listening::of_session(Arc::clone(&session), &changes);
    tell_all(&changes);
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(
            serde_json::from_slice(&soon(listening.next()).await.unwrap().flatten().collect::<Vec<u8>>())
                .unwrap(),
        );
    }
    assert_eq!(methods(&told), ["tools/list_changed", "prompts/list_changed", "resources/list_changed"]);
    assert_eq!(
        told[0],
        json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed", "params": {}})
    );
    session.subscribe("r:1");
    changes.resource_updated("r:1");
    let frames = soon(listening.next()).await.unwrap();
    let update: Value = serde_json::from_slice(&frames.flatten().collect::<Vec<u8>>()).unwrap();
    assert_eq!(update["params"], json!({"uri": "r:1"}));
    session.unsubscribe("r:1");
    changes.resource_updated("r:1");
    drop(changes);
    assert_eq!(heard(listening).await, Vec::<Value>::new());
}
