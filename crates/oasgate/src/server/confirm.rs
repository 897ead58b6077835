//! Calls that need a person's agreement: which ones, what the person is shown, and what the answer means.
//!
//! Owns the question and never the call: nothing here sends. What was shown is sealed with the question, so that an
//! answer counts for that request only, to the byte, and the call goes out with the `Idempotency-Key` that was shown.

use bytes::Bytes;
use http::Request;
use oasgate_mcp::{CallError, Context, Elicited, InputRequest, InputRequired, ToolResult};
use oasgate_tools::Tool;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::written::written;
use crate::call::fresh_key;

#[cfg(test)]
mod tests;

/// Which calls need a person's agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Confirm {
    /// None.
    Never,
    /// Those of tools that the description marks.
    #[default]
    Marked,
    /// Those, and all that may change or remove what is there.
    Destructive,
}

/// The key of the question, and its one field.
const KEY: &str = "confirm";
const FIELD: &str = "send";

/// How much of a request is shown, in characters. A form must stay readable.
const SHOWN: usize = 4_000;

impl Confirm {
    /// Whether calls of this tool need agreement.
    #[must_use]
    pub fn asks(self, tool: &Tool) -> bool {
        match self {
            Self::Never => false,
            Self::Marked => tool.confirm,
            Self::Destructive => tool.confirm || tool.annotations.destructive,
        }
    }
}

/// The `Idempotency-Key` for a call that needs agreement: that of the question that has been answered, or a fresh one.
pub(super) fn key(context: &Context) -> Option<String> {
    let asked = context.inputs.state().and_then(|state| state.split_once(' '));
    asked.map(|(_, key)| key.to_owned()).filter(|key| !key.is_empty()).or_else(fresh_key)
}

/// What becomes of a call that needs agreement: none if it has it, else the result that stands for it. An answer without
/// the question before it, or to one about another request, counts for nothing.
///
/// # Errors
/// The question, until it is answered.
pub(super) fn agreed(
    tool: &Tool,
    request: &Request<Bytes>,
    key: Option<&str>,
    context: &Context,
) -> Result<Option<ToolResult>, CallError> {
    if !context.capabilities.elicitation_form {
        return Ok(Some(ToolResult::error(unasked(tool, request))));
    }
    let state = state(request, key);
    let is_answer = context.inputs.state() == Some(&state);
    match context.inputs.elicited(KEY).filter(|_| is_answer) {
        None => Err(question(tool, request)?.with_state(state).into()),
        Some(Elicited::Accepted(form)) if form.get(FIELD) == Some(&Value::Bool(true)) => Ok(None),
        Some(Elicited::Accepted(_) | Elicited::Declined) => {
            Ok(Some(unsent(tool, "the user does not want it")))
        }
        Some(Elicited::Cancelled) => Ok(Some(unsent(tool, "the user was asked, and has not answered"))),
    }
}

fn question(tool: &Tool, request: &Request<Bytes>) -> Result<InputRequired, CallError> {
    let message = format!("Send this request? ({})\n\n{}", tool.name, shown(request));
    // 2026-07-28, schema, `ElicitRequestFormParams`: scalars only.
    let schema = serde_json::json!({
        "type": "object",
        "properties": {FIELD: {
            "type": "boolean", "title": "Send it", "description": "Yes sends the request, no does not.", "default": false,
        }},
        "required": [FIELD],
    });
    let schema = RawValue::from_string(schema.to_string());
    let schema = schema.map_err(|error| CallError::Internal(error.to_string()))?;
    Ok(InputRequired::new(KEY, InputRequest::form(&message, &schema)))
}

/// What is sealed with a question: the digest of the request that was shown, and its `Idempotency-Key`.
fn state(request: &Request<Bytes>, key: Option<&str>) -> String {
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        // With its length, so that no two requests run together.
        hasher.update(bytes.len().to_be_bytes());
        hasher.update(bytes);
    };
    part(request.method().as_str().as_bytes());
    part(request.uri().to_string().as_bytes());
    for (name, value) in request.headers() {
        part(name.as_str().as_bytes());
        part(value.as_bytes());
    }
    part(request.body());
    let digest = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{digest} {}", key.unwrap_or_default())
}

fn unsent(tool: &Tool, why: &str) -> ToolResult {
    ToolResult::error(format!(
        "The request of {} was not sent: {why}. Do not call it again unless the user asks for it.",
        tool.name
    ))
}

/// For clients that can ask nobody.
fn unasked(tool: &Tool, request: &Request<Bytes>) -> String {
    format!(
        "The request of {} was not sent: a person must agree to it, and this client has no way to ask one (MCP \
         elicitation). It would be:\n\n{}\nWhoever runs this server can let such calls through without being asked, with \
         --confirm never. Calling again does not help.",
        tool.name,
        shown(request)
    )
}

/// The request, as far as a person will read it, with nothing in it that hides or reorders text.
fn shown(request: &Request<Bytes>) -> String {
    let whole = written(request);
    let mut text: String = whole.chars().take(SHOWN).map(visible).collect();
    let rest = whole.chars().skip(SHOWN).count();
    if rest > 0 {
        text.push_str(&format!("\n… and {rest} characters more\n"));
    }
    text
}

/// Control characters, and those that Unicode has for hiding and reordering (UAX #9, 2), as `�`.
fn visible(letter: char) -> char {
    let hides = letter.is_control() && !matches!(letter, '\n' | '\t')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    if hides { char::REPLACEMENT_CHARACTER } else { letter }
}
