//! Asking the client for something before a request can be answered: what is asked, and what comes back. One form for
//! all revisions; how it travels is the business of those who call the handler.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::capabilities::{Capabilities, ClientFeature};
use crate::json;

#[cfg(test)]
mod tests;

/// What must be known before a request can be answered (2026-07-28, basic/patterns/mrtr.mdx). A handler returns it as
/// an error, and is called again when the client has answered, with the answers in [`Context::inputs`].
///
/// [`Context::inputs`]: crate::Context::inputs
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputRequired {
    requests: Vec<(String, InputRequest)>,
    state: Option<String>,
}

impl InputRequired {
    /// Asks one thing; `key` is how the answer will be found.
    #[must_use]
    pub fn new(key: impl Into<String>, request: InputRequest) -> Self {
        Self::default().and(key, request)
    }

    /// Asks nothing, and has the client come again with this state: to go on elsewhere or later.
    #[must_use]
    pub fn again(state: impl Into<String>) -> Self {
        Self::default().with_state(state)
    }

    /// Asks one thing more. What is asked under a key that has been used is asked instead of what was: keys are unique
    /// within a request (2026-07-28, basic/patterns/mrtr.mdx, "Server Requirements", 2).
    #[must_use]
    pub fn and(mut self, key: impl Into<String>, request: InputRequest) -> Self {
        let key = key.into();
        match self.requests.iter_mut().find(|(used, _)| *used == key) {
            Some((_, asked)) => *asked = request,
            None => self.requests.push((key, request)),
        }
        self
    }

    /// What to remember until the answer comes. It travels through the client, who can read it but cannot change it,
    /// nor use it for another request, as another principal, or after it has expired. It can be used twice.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// What is asked, by key.
    pub(crate) fn requests(&self) -> &[(String, InputRequest)] {
        &self.requests
    }

    /// What is to be remembered.
    pub(crate) fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    pub(crate) fn into_parts(self) -> (Vec<(String, InputRequest)>, Option<String>) {
        (self.requests, self.state)
    }

    /// What the client would have to be able to do, and isn't.
    pub(crate) fn missing(&self, capabilities: &Capabilities) -> Vec<ClientFeature> {
        let mut missing: Vec<ClientFeature> = Vec::new();
        for (_, request) in &self.requests {
            if !capabilities.has(&request.needs) && !missing.contains(&request.needs) {
                missing.push(request.needs.clone());
            }
        }
        missing
    }
}

/// Appends an `InputRequests` object (2026-07-28, schema).
pub(crate) fn push_requests<'a>(
    requests: impl IntoIterator<Item = (&'a str, &'a InputRequest)>,
    out: &mut Vec<u8>,
) {
    out.push(b'{');
    for (index, (key, request)) in requests.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        json::push(out, key);
        out.extend_from_slice(br#":{"method":"#);
        json::push(out, request.method);
        out.extend_from_slice(br#","params":"#);
        out.extend_from_slice(request.params.as_bytes());
        out.push(b'}');
    }
    out.push(b'}');
}

/// One thing a client can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRequest {
    pub(crate) method: &'static str,
    /// A JSON object.
    pub(crate) params: Box<str>,
    pub(crate) needs: ClientFeature,
}

impl InputRequest {
    /// A form for the user. The schema is that of an object whose properties are scalars or lists of choices
    /// (2026-07-28, schema, `ElicitRequestFormParams`).
    #[must_use]
    pub fn form(message: &str, schema: &RawValue) -> Self {
        // Without `mode`, which the revisions before 2025-11-25 don't know and later ones take for granted.
        let params = Form { message, requested_schema: schema };
        Self::of("elicitation/create", &params, ClientFeature::ElicitationForm)
    }

    /// A page for the user: to sign in or pay, say, with what the client must not see. That the user accepts means
    /// that the page is opened, not that they are done there (2026-07-28, schema, `ElicitRequestURLParams`).
    #[must_use]
    pub fn page(message: &str, url: &str) -> Self {
        let params = Page { mode: "url", message, url };
        Self::of("elicitation/create", &params, ClientFeature::ElicitationUrl)
    }

    /// A question to the client's model: the text of a `CreateMessageRequestParams` object.
    #[must_use]
    pub fn sampling(params: &RawValue) -> Self {
        let uses_tools = serde_json::from_str::<Map<String, Value>>(params.get())
            .is_ok_and(|params| params.contains_key("tools") || params.contains_key("toolChoice"));
        let needs = if uses_tools { ClientFeature::SamplingTools } else { ClientFeature::Sampling };
        Self::of("sampling/createMessage", params, needs)
    }

    /// The roots the client works on.
    #[must_use]
    pub fn roots() -> Self {
        Self::of("roots/list", &Map::new(), ClientFeature::Roots)
    }

    /// What it is called on the wire: `elicitation/create`, `sampling/createMessage` or `roots/list`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    fn of(method: &'static str, params: &(impl Serialize + ?Sized), needs: ClientFeature) -> Self {
        Self { method, params: json::text(params).into(), needs }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Form<'a> {
    message: &'a str,
    requested_schema: &'a RawValue,
}

#[derive(Serialize)]
struct Page<'a> {
    mode: &'static str,
    message: &'a str,
    url: &'a str,
}

/// What a client has answered. Empty when a request comes for the first time.
#[derive(Clone, Default)]
pub struct Inputs {
    pub(crate) responses: HashMap<String, Box<RawValue>>,
    pub(crate) state: Option<String>,
}

impl Inputs {
    /// Whether the request comes for the first time.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.responses.is_empty() && self.state.is_none()
    }

    /// The answer under a key: the text of a JSON object, unchecked. None if there isn't one: ask again
    /// (2026-07-28, basic/patterns/mrtr.mdx, "Error Handling").
    #[must_use]
    pub fn response(&self, key: &str) -> Option<&RawValue> {
        self.responses.get(key).map(AsRef::as_ref)
    }

    /// What the user did with a form or page. None if there is no such answer, or none that can be read: ask again.
    /// The content of a form is unchecked.
    #[must_use]
    pub fn elicited(&self, key: &str) -> Option<Elicited> {
        let answer = serde_json::from_str::<ElicitResult>(self.response(key)?.get()).ok()?;
        Some(match answer.action {
            Action::Accept => Elicited::Accepted(answer.content.unwrap_or_default()),
            Action::Decline => Elicited::Declined,
            Action::Cancel => Elicited::Cancelled,
        })
    }

    /// The state the request was sent back with. It is what the handler has given out before.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

impl fmt::Debug for Inputs {
    /// Leaves out what users have typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs").field("keys", &self.responses.keys()).finish_non_exhaustive()
    }
}

/// What a user did with a question (2026-07-28, client/elicitation.mdx, "Response Actions").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elicited {
    /// Filled in the form, or opened the page.
    Accepted(Map<String, Value>),
    /// Said no.
    Declined,
    /// Said nothing.
    Cancelled,
}

#[derive(Deserialize)]
struct ElicitResult {
    action: Action,
    #[serde(default)]
    content: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Accept,
    Decline,
    Cancel,
}
