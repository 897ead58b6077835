//! Tools that ask their client something first. The same code serves clients of both eras.

use oasgate_mcp::{CallError, Context, InputRequest, InputRequired, ToolResult};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::tools::Arguments;

pub(crate) const NAMES: [&str; 13] = [
    "test_sampling",
    "test_elicitation",
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
];

pub(crate) fn call(tool: &str, arguments: &Arguments, context: &Context) -> Result<ToolResult, CallError> {
    let argument = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or("?");
    match tool {
        "test_sampling" => ask(context, "answer", sampling(argument("prompt"), 100)?),
        "test_elicitation" => ask(context, "answer", form(argument("message"), &user())?),
        "test_elicitation_sep1034_defaults" => ask(context, "answer", form("Defaults?", &defaults())?),
        "test_elicitation_sep1330_enums" => ask(context, "answer", form("Choices?", &choices())?),
        "test_input_required_result_elicitation" | "test_streaming_elicitation" => {
            ask(context, "user_name", form("What is your name?", &one("name", "string"))?)
        }
        "test_input_required_result_sampling" => {
            ask(context, "capital_question", sampling("What is the capital of France?", 100)?)
        }
        "test_input_required_result_list_roots" => ask(context, "client_roots", InputRequest::roots()),
        "test_input_required_result_request_state" | "test_input_required_result_tampered_state" => {
            confirm(context)
        }
        "test_input_required_result_multiple_inputs" => several(context),
        "test_input_required_result_multi_round" => rounds(context),
        _ => what_it_can(context),
    }
}

/// Asks one thing, until there is an answer.
fn ask(context: &Context, key: &str, request: InputRequest) -> Result<ToolResult, CallError> {
    let answered = if request.method() == "elicitation/create" {
        context.inputs.elicited(key).map(|answer| format!("{answer:?}"))
    } else {
        context.inputs.response(key).map(|answer| answer.get().to_owned())
    };
    let answer = answered.ok_or_else(|| InputRequired::new(key, request))?;
    Ok(ToolResult::text(format!("The client answered: {answer}")))
}

fn confirm(context: &Context) -> Result<ToolResult, CallError> {
    let state = "waits for the user";
    if context.inputs.elicited("confirm").is_some() && context.inputs.state() == Some(state) {
        return Ok(ToolResult::text("state-ok"));
    }
    let request = form("Please confirm", &one("ok", "boolean"))?;
    Err(InputRequired::new("confirm", request).with_state(state).into())
}

fn several(context: &Context) -> Result<ToolResult, CallError> {
    let inputs = &context.inputs;
    let answers =
        (inputs.elicited("user_name"), inputs.response("greeting"), inputs.response("client_roots"));
    if let (Some(name), Some(greeting), Some(roots)) = answers {
        return Ok(ToolResult::text(format!("{name:?}, {greeting}, {roots}")));
    }
    let required = InputRequired::new("user_name", form("What is your name?", &one("name", "string"))?)
        .and("greeting", sampling("Generate a greeting", 50)?)
        .and("client_roots", InputRequest::roots());
    Err(required.with_state("all of it").into())
}

/// What was answered before travels in the state.
fn rounds(context: &Context) -> Result<ToolResult, CallError> {
    let (inputs, text) = (&context.inputs, |answer: Option<_>| answer.map(|answer| format!("{answer:?}")));
    if let (Some(name), Some(color)) = (inputs.state(), text(inputs.elicited("step2"))) {
        return Ok(ToolResult::text(format!("{name} likes {color}")));
    }
    if let Some(name) = text(inputs.elicited("step1")) {
        let request = form("Step 2: What is your favorite color?", &one("color", "string"))?;
        return Err(InputRequired::new("step2", request).with_state(name).into());
    }
    let request = form("Step 1: What is your name?", &one("name", "string"))?;
    Err(InputRequired::new("step1", request).with_state("nothing yet").into())
}

/// Asks only what the client says it can do.
fn what_it_can(context: &Context) -> Result<ToolResult, CallError> {
    if !context.inputs.is_empty() {
        return Ok(ToolResult::text("Thank you."));
    }
    let mut required = None::<InputRequired>;
    let mut add = |key: &str, request: InputRequest| {
        required = Some(match required.take() {
            Some(required) => required.and(key, request),
            None => InputRequired::new(key, request),
        });
    };
    if context.capabilities.elicitation_form {
        add("user_name", form("What is your name?", &one("name", "string"))?);
    }
    if context.capabilities.sampling {
        add("greeting", sampling("Generate a greeting", 50)?);
    }
    required.map_or_else(|| Ok(ToolResult::text("There is nothing to ask.")), |required| Err(required.into()))
}

pub(crate) fn form(message: &str, schema: &Value) -> Result<InputRequest, CallError> {
    to_raw_value(schema).map(|schema| InputRequest::form(message, &schema)).map_err(internal)
}

fn sampling(text: &str, max_tokens: u32) -> Result<InputRequest, CallError> {
    let message = json!({"role": "user", "content": {"type": "text", "text": text}});
    let params = to_raw_value(&json!({"messages": [message], "maxTokens": max_tokens}));
    params.map(|params| InputRequest::sampling(&params)).map_err(internal)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn internal(error: serde_json::Error) -> CallError {
    CallError::Internal(error.to_string())
}

pub(crate) fn one(name: &str, kind: &str) -> Value {
    json!({"type": "object", "properties": {name: {"type": kind}}, "required": [name]})
}

fn user() -> Value {
    let field = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "properties": {"username": field("The user's name"), "email": field("The user's address")},
        "required": ["username", "email"],
    })
}

fn defaults() -> Value {
    json!({"type": "object", "properties": {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": true},
    }})
}

fn choices() -> Value {
    let options = ["option1", "option2", "option3"];
    let titled = json!([
        {"const": "value1", "title": "The first"},
        {"const": "value2", "title": "The second"},
        {"const": "value3", "title": "The third"},
    ]);
    json!({"type": "object", "properties": {
        "untitledSingle": {"type": "string", "enum": options},
        "titledSingle": {"type": "string", "oneOf": titled},
        "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"]},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": options}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled}},
    }})
}
