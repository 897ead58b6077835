//! The tools: their list, and those that need nothing of their client.

use std::time::Duration;

use oasgate_mcp::{CallError, ClientFeature, Content, Context, LogLevel, ResourceBody, ToolCall, ToolResult};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use crate::{Fixture, asking, jobs};

/// Arguments of a call.
pub(crate) type Arguments = Map<String, Value>;

pub(crate) const PIXEL: &[u8] = include_bytes!("pixel.png");
const SILENCE: &[u8] = include_bytes!("silence.wav");

/// The tools without arguments.
const PLAIN: [&str; 31] = [
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_tool_with_logging",
    "test_logging_tool",
    "test_error_handling",
    "test_tool_with_progress",
    "test_missing_capability",
    "test_trigger_tool_change",
    "test_trigger_prompt_change",
    "test_streaming_elicitation",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
    "test_input_required_result_elicitation",
    "test_input_required_result_sampling",
    "test_input_required_result_list_roots",
    "test_input_required_result_request_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_tampered_state",
    "test_input_required_result_capabilities",
    "test_tool_with_task",
    "slow_compute",
    "failing_job",
    "protocol_error_job",
    "confirm_delete",
    "multi_input",
    "test_resource_link",
    "test_update_resource",
];

pub(crate) fn list() -> Vec<Value> {
    let plain = PLAIN.iter().map(|name| tool(name, &json!({"type": "object"})));
    let with = |name: &str, argument: &str| {
        let schema =
            json!({"type": "object", "properties": {argument: {"type": "string"}}, "required": [argument]});
        tool(name, &schema)
    };
    let header = json!({
        "type": "object",
        "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "tries": {"type": "integer", "x-mcp-header": "Tries"},
        },
    });
    plain
        .chain([
            with("test_sampling", "prompt"),
            with("test_elicitation", "message"),
            with("greet", "name"),
            tool("test_param_headers", &header),
            tool("json_schema_2020_12_tool", &schema_2020_12()),
        ])
        .collect()
}

pub(crate) async fn call(
    fixture: &Fixture,
    call: ToolCall,
    context: Context,
) -> Result<ToolResult, CallError> {
    let arguments = call.arguments.as_deref().map_or("{}", RawValue::get);
    let arguments: Arguments =
        serde_json::from_str(arguments).map_err(|error| CallError::InvalidParams(error.to_string()))?;
    match &*call.name {
        "test_trigger_tool_change" => fixture.changes.tools_changed(),
        "test_trigger_prompt_change" => fixture.changes.prompts_changed(),
        "test_update_resource" => fixture.changes.resource_updated("test://watched-resource"),
        "test_tool_with_logging" | "test_logging_tool" => log(&context).await,
        "test_tool_with_progress" => progress(&context).await,
        "test_missing_capability" if !context.capabilities.sampling => {
            return Err(CallError::MissingCapability(vec![ClientFeature::Sampling]));
        }
        "greet" => return Ok(greet(&arguments)),
        _ => {}
    }
    if let Some(content) = content(&call.name) {
        return Ok(ToolResult::new(content));
    }
    match &*call.name {
        "test_error_handling" => Ok(ToolResult::error("This tool always fails.")),
        name if jobs::NAMES.contains(&name) => jobs::call(&fixture.tasks, name, &arguments, &context).await,
        name if asking::NAMES.contains(&name) => asking::call(name, &arguments, &context),
        name if list().iter().any(|tool| tool["name"] == name) => Ok(ToolResult::text("done")),
        _ => Err(CallError::UnknownTool(call.name)),
    }
}

fn content(tool: &str) -> Option<Vec<Content>> {
    let text = |text: &str| Content::Text(text.to_owned());
    let image = || Content::Image { data: PIXEL.into(), mime: "image/png".to_owned() };
    let resource = |uri: &str, mime: &str, text: &str| Content::Resource {
        uri: uri.to_owned(),
        mime: Some(mime.to_owned()),
        body: ResourceBody::Text(text.to_owned()),
    };
    Some(match tool {
        "test_simple_text" => vec![text("This is a simple text response for testing.")],
        "test_image_content" => vec![image()],
        "test_audio_content" => vec![Content::Audio { data: SILENCE.into(), mime: "audio/wav".to_owned() }],
        "test_embedded_resource" => {
            vec![resource("test://embedded-resource", "text/plain", "This is embedded.")]
        }
        "test_multiple_content_types" => vec![
            text("Text, an image and a resource:"),
            image(),
            resource("test://mixed-content-resource", "application/json", r#"{"test":"data","value":123}"#),
        ],
        "test_resource_link" => vec![Content::ResourceLink {
            uri: "test://static-text".to_owned(),
            name: "static-text".to_owned(),
            description: None,
            mime: Some("text/plain".to_owned()),
        }],
        _ => return None,
    })
}

fn greet(arguments: &Arguments) -> ToolResult {
    match arguments.get("name").and_then(Value::as_str) {
        Some(name) => ToolResult::text(format!("Hello, {name}!")),
        None => ToolResult::error("Say whom to greet: `name` must be a string."),
    }
}

async fn log(context: &Context) {
    for message in ["begun", "at work", "done"] {
        context.log(LogLevel::Info, Some("fixture"), message);
        sleep(Duration::from_millis(50)).await;
    }
}

async fn progress(context: &Context) {
    for done in [0.0, 50.0, 100.0] {
        context.progress(done, Some(100.0), None);
        sleep(Duration::from_millis(50)).await;
    }
}

fn tool(name: &str, schema: &Value) -> Value {
    json!({"name": name, "description": format!("A fixture: {name}."), "inputSchema": schema})
}

/// With every keyword that must survive.
fn schema_2020_12() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
            },
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": false,
    })
}
