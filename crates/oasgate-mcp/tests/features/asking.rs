//! The suite's checks of questions (SEP-2322, SEP-1034, SEP-1330), by their names there, over both transports.

use serde_json::{Value, json};

use crate::harness::{Client, LEGACY, MODERN};
use crate::{able, answer, assert_within};

/// sep-2322-missing-response-rerequests, sep-2322-ignore-unexpected-params, sep-2322-validate-input-responses,
/// sep-2322-error-on-protocol-error: what counts as an answer.
#[tokio::test]
async fn what_counts_as_an_answer() {
    let (name, asked) = (
        json!({"action": "accept", "content": {"name": "Ada"}}),
        json!({"result": {"resultType": "input_required", "inputRequests": {"user_name": {}}}}),
    );
    let (done, refused) = (json!({"result": {"resultType": "complete"}}), json!({"error": {"code": -32602}}));
    let rows = [
        (json!({}), &asked),
        (json!({"inputResponses": {}}), &asked),
        (json!({"inputResponses": {"other": name}}), &asked),
        (json!({"inputResponses": {"user_name": {"what": "is this"}}}), &asked),
        (json!({"inputResponses": {"user_name": name}}), &done),
        (json!({"inputResponses": {"user_name": name, "other": name}}), &done),
        (json!({"inputResponses": {"user_name": name}, "more": 7}), &done),
        (json!({"inputResponses": {"user_name": {"action": "decline"}}}), &done),
        (json!({"inputResponses": [name]}), &refused),
        (json!({"inputResponses": "yes"}), &refused),
        (json!({"inputResponses": {"user_name": 7}}), &refused),
        (json!({"requestState": 7}), &refused),
        (json!({"requestState": "made up"}), &refused),
    ];
    for mut client in Client::both(MODERN, &able()).await {
        for (more, expected) in &rows {
            let mut call = json!({"name": "test_input_required_result_elicitation"});
            call.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            let response = client.ask("tools/call", call).await.response;
            assert_within(expected, &response, &more.to_string());
        }
    }
}

/// sep-2322-non-tool-incomplete, sep-2322-non-tool-complete: prompts can ask, too.
#[tokio::test]
async fn prompts_ask() {
    let prompt = json!({"name": "test_input_required_result_prompt"});
    for mut client in Client::both(MODERN, &able()).await {
        let asked = client.ask("prompts/get", prompt.clone()).await.response["result"].clone();
        assert_eq!(asked["resultType"], "input_required", "{asked}");
        let mut again = prompt.clone();
        again["inputResponses"] =
            json!({"user_context": {"action": "accept", "content": {"context": "here"}}});
        let done = client.ask("prompts/get", again).await.response["result"].clone();
        assert!(done["messages"][0]["content"]["text"].as_str().unwrap().contains("here"), "{done}");
    }
    for mut client in Client::both(LEGACY, &able()).await {
        let exchange = client.ask_answering("prompts/get", prompt.clone(), answer).await;
        assert_eq!(exchange.told.len(), 1);
        assert!(exchange.response["result"]["messages"].is_array(), "{}", exchange.response);
    }
}

/// sep-2322-not-on-unsupported-requests: whatever is sent along, these are never answered with a question.
#[tokio::test]
async fn what_never_asks() {
    let reference = json!({"type": "ref/prompt", "name": "test_prompt_with_arguments"});
    let rows = [
        ("server/discover", json!({})),
        ("tools/list", json!({})),
        ("prompts/list", json!({})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("completion/complete", json!({"ref": reference, "argument": {"name": "arg1", "value": ""}})),
    ];
    for mut client in Client::both(MODERN, &able()).await {
        for (method, params) in &rows {
            let mut params = params.clone();
            params["inputResponses"] = json!({"user_name": {"action": "accept"}});
            let result = client.ask(method, params).await.response["result"].clone();
            assert_eq!(result["resultType"], "complete", "{method}: {result}");
            assert!(result.get("inputRequests").is_none(), "{method}");
        }
    }
}

/// sep-2322-respect-client-capabilities: only what the client says it can be asked.
#[tokio::test]
async fn only_what_the_client_can_be_asked() {
    let rows = [
        (json!({"elicitation": {}}), vec!["elicitation/create"]),
        (json!({"sampling": {}}), vec!["sampling/createMessage"]),
        (
            json!({"elicitation": {"form": {}}, "sampling": {}}),
            vec!["elicitation/create", "sampling/createMessage"],
        ),
        (json!({"elicitation": {"url": {}}}), vec![]),
        (json!({}), vec![]),
    ];
    for mut client in Client::both(MODERN, &json!({})).await {
        for (capabilities, expected) in &rows {
            client.capabilities = capabilities.clone();
            let call = json!({"name": "test_input_required_result_capabilities"});
            let result = client.ask("tools/call", call).await.response["result"].clone();
            let requests = result["inputRequests"].as_object().cloned().unwrap_or_default();
            let asked: Vec<_> = requests.values().map(|request| request["method"].clone()).collect();
            assert_eq!(
                asked,
                expected.iter().map(|method| json!(method)).collect::<Vec<_>>(),
                "{capabilities}"
            );
        }
    }
}

/// elicitation-sep1034-defaults, elicitation-sep1330-enums: a form reaches its client as it was written, in both eras.
#[tokio::test]
async fn forms_travel_whole() {
    let properties = |name: &str| match name {
        "test_elicitation_sep1034_defaults" => json!({
            "name": {"type": "string", "default": "John Doe"}, "age": {"type": "integer", "default": 30},
            "score": {"type": "number", "default": 95.5}, "status": {"default": "active"},
            "verified": {"type": "boolean", "default": true},
        }),
        _ => json!({
            "untitledSingle": {"type": "string", "enum": ["option1"]},
            "titledSingle": {"type": "string", "oneOf": [{"const": "value1", "title": "The first"}]},
            "legacyEnum": {"enum": ["opt1"], "enumNames": ["One"]},
            "untitledMulti": {"type": "array", "items": {"type": "string"}},
            "titledMulti": {"type": "array", "items": {"anyOf": [{"const": "value1", "title": "The first"}]}},
        }),
    };
    for tool in ["test_elicitation_sep1034_defaults", "test_elicitation_sep1330_enums"] {
        let expected = json!({"requestedSchema": {"type": "object", "properties": properties(tool)}});
        for mut client in Client::both(LEGACY, &able()).await {
            let told = client.ask_answering("tools/call", json!({"name": tool}), answer).await.told;
            assert_within(&expected, &told[0]["params"], tool);
        }
        for mut client in Client::both(MODERN, &able()).await {
            let result = client.ask("tools/call", json!({"name": tool})).await.response["result"].clone();
            assert_within(&expected, &result["inputRequests"]["answer"]["params"], tool);
        }
    }
}

/// sep-2575-server-identifies-in-result-meta: in every result, also of questions and tasks.
#[tokio::test]
async fn every_result_says_whose_it_is() {
    let rows = [
        ("server/discover", json!({})),
        ("tools/list", json!({})),
        ("resources/read", json!({"uri": "test://static-text"})),
        ("tools/call", json!({"name": "greet"})),
        ("tools/call", json!({"name": "test_error_handling"})),
        ("tools/call", json!({"name": "test_input_required_result_elicitation"})),
        ("tools/call", json!({"name": "failing_job"})),
    ];
    let mut capabilities = able();
    capabilities["extensions"] = json!({crate::TASKS: {}});
    for mut client in Client::both(MODERN, &capabilities).await {
        for (method, params) in &rows {
            let result = client.ask(method, params.clone()).await.response["result"].clone();
            let server: &Value = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
            assert!(
                server["name"].is_string() && server["version"].is_string(),
                "{method} {params}: {result}"
            );
        }
    }
}
