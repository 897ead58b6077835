//! The parameters of the requests served here, borrowed and mostly unparsed; and the `_meta` object in them.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::capabilities::Capabilities;
use crate::completion::{Completable, CompletionQuery};
use crate::context::{ClientInfo, Trace};
use crate::envelope::is_id;
use crate::fault::Fault;
use crate::json;
use crate::level::LogLevel;

/// Every parameter any of our methods reads. They stay text until the method is known: what is wrong for one
/// method is none of another's business.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Params<'a> {
    #[serde(borrow, default, rename = "_meta")]
    meta: Option<&'a RawValue>,
    #[serde(borrow, default)]
    name: Option<&'a RawValue>,
    #[serde(borrow, default)]
    uri: Option<&'a RawValue>,
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cursor: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "protocolVersion")]
    protocol_version: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "clientInfo")]
    client_info: Option<&'a RawValue>,
    #[serde(borrow, default)]
    capabilities: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "requestId")]
    request_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    reason: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "inputResponses")]
    input_responses: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "requestState")]
    request_state: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "ref")]
    reference: Option<&'a RawValue>,
    #[serde(borrow, default)]
    argument: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Option<&'a RawValue>,
    #[serde(borrow, default)]
    notifications: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "taskId")]
    task_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    level: Option<&'a RawValue>,
}

impl<'a> Params<'a> {
    /// Reads the members of `params`; no `params` are empty ones.
    ///
    /// # Errors
    /// -32602 when `params` is not an object, or names a member twice.
    pub(crate) fn read(params: Option<&'a RawValue>) -> Result<Self, Fault> {
        let Some(params) = params else { return Ok(Self::default()) };
        if !json::is_object(params) {
            return Err(Fault::InvalidParams("`params` must be an object".to_owned()));
        }
        serde_json::from_str(params.get())
            .map_err(|_| Fault::InvalidParams("a member of `params` occurs twice".to_owned()))
    }

    /// Reads `_meta`; none is an empty one.
    ///
    /// # Errors
    /// -32602 when it is not an object.
    pub(crate) fn meta(&self) -> Result<Meta<'a>, Fault> {
        let Some(meta) = self.meta else { return Ok(Meta::default()) };
        let unreadable =
            || Fault::MalformedMeta("`params._meta` must be an object without repetition".to_owned());
        if !json::is_object(meta) {
            return Err(unreadable());
        }
        serde_json::from_str(meta.get()).map_err(|_| unreadable())
    }

    /// The name of a tool (or prompt).
    pub(crate) fn name(&self) -> Result<Cow<'a, str>, Fault> {
        required(self.name, "name")
    }

    /// The URI of a resource.
    pub(crate) fn uri(&self) -> Result<Cow<'a, str>, Fault> {
        required(self.uri, "uri")
    }

    /// The id of a task.
    pub(crate) fn task_id(&self) -> Result<Cow<'a, str>, Fault> {
        required(self.task_id, "taskId")
    }

    /// What the header `Mcp-Name` must repeat: `params.name` or `params.uri`, or for tasks `params.taskId` (SEP-2663,
    /// "Streamable HTTP: Routing Headers").
    pub(crate) fn shown_name(&self) -> Option<Cow<'a, str>> {
        self.name.or(self.uri).or(self.task_id).and_then(json::string)
    }

    /// The arguments of a call: an object, or nothing (`null` is taken for nothing, as some clients send it).
    pub(crate) fn arguments(&self) -> Result<Option<&'a RawValue>, Fault> {
        match self.arguments {
            Some(arguments) if !json::is_object(arguments) => {
                Err(Fault::InvalidParams("`arguments` must be an object".to_owned()))
            }
            arguments => Ok(arguments),
        }
    }

    /// The arguments of a prompt, which are texts.
    pub(crate) fn texts(&self) -> Result<HashMap<String, String>, Fault> {
        let arguments = self.arguments()?.map_or("{}", RawValue::get);
        serde_json::from_str(arguments)
            .map_err(|_| Fault::InvalidParams("the members of `arguments` must be strings".to_owned()))
    }

    /// What is to be completed (2026-07-28, schema, `CompleteRequestParams`).
    pub(crate) fn completion(&self) -> Result<CompletionQuery, Fault> {
        let argument: Argument = object(self.argument, "argument")?;
        let reference: Reference = object(self.reference, "ref")?;
        let settled = match self.context {
            Some(_) => object::<Settled>(self.context, "context")?.arguments,
            None => HashMap::new(),
        };
        let of = match reference {
            Reference::Prompt { name } => Completable::Prompt(name),
            Reference::Resource { uri } => Completable::Template(uri),
        };
        Ok(CompletionQuery { of, argument: argument.name, value: argument.value, settled })
    }

    /// What the client has answered: an object of objects, by key. None is none.
    pub(crate) fn input_responses(&self) -> Result<HashMap<String, Box<RawValue>>, Fault> {
        let Some(responses) = self.input_responses else { return Ok(HashMap::new()) };
        let responses: HashMap<String, Box<RawValue>> = object(Some(responses), "inputResponses")?;
        if responses.values().all(|response| json::is_object(response)) {
            return Ok(responses);
        }
        Err(Fault::InvalidParams("the members of `params.inputResponses` must be objects".to_owned()))
    }

    /// The state that was given out with a question.
    pub(crate) fn request_state(&self) -> Result<Option<Cow<'a, str>>, Fault> {
        self.request_state.map(|state| required(Some(state), "requestState")).transpose()
    }

    /// What a subscription is for, unread.
    pub(crate) fn notifications(&self) -> Option<&'a RawValue> {
        self.notifications
    }

    /// The level of log messages.
    pub(crate) fn level(&self) -> Result<LogLevel, Fault> {
        let level = required(self.level, "level")?;
        level.parse().map_err(|unknown| Fault::InvalidParams(format!("`params.level` is {unknown}")))
    }

    /// What a legacy client declares in `initialize`.
    pub(crate) fn capabilities(&self) -> Capabilities {
        self.capabilities.map(Capabilities::read).unwrap_or_default()
    }

    /// Where a list is to go on.
    pub(crate) fn cursor(&self) -> Result<Option<Cow<'a, str>>, Fault> {
        self.cursor.map(|cursor| required(Some(cursor), "cursor")).transpose()
    }

    /// The revision `initialize` asks for.
    pub(crate) fn protocol_version(&self) -> Result<Cow<'a, str>, Fault> {
        required(self.protocol_version, "protocolVersion")
    }

    /// Who calls `initialize`, if that can be read: it only serves display and logs.
    pub(crate) fn client_info(&self) -> Option<ClientInfo> {
        ClientInfo::read(self.client_info?)
    }

    /// The request that `notifications/cancelled` names.
    pub(crate) fn request_id(&self) -> Option<&'a RawValue> {
        self.request_id
    }

    /// Why it is cancelled: for logs.
    pub(crate) fn reason(&self) -> Option<Cow<'a, str>> {
        self.reason.and_then(json::string)
    }
}

/// The members of `_meta` that the protocol reserves (2026-07-28, basic/index.mdx, "`_meta`").
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Meta<'a> {
    #[serde(
        borrow,
        default,
        rename = "io.modelcontextprotocol/protocolVersion",
        deserialize_with = "json::present"
    )]
    protocol_version: Option<&'a RawValue>,
    #[serde(
        borrow,
        default,
        rename = "io.modelcontextprotocol/clientCapabilities",
        deserialize_with = "json::present"
    )]
    client_capabilities: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "io.modelcontextprotocol/clientInfo")]
    client_info: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "io.modelcontextprotocol/logLevel")]
    log_level: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "progressToken")]
    progress_token: Option<&'a RawValue>,
    #[serde(borrow, default)]
    traceparent: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tracestate: Option<&'a RawValue>,
    #[serde(borrow, default)]
    baggage: Option<&'a RawValue>,
}

impl<'a> Meta<'a> {
    /// Whether any per-request protocol field is there: only modern clients send them.
    pub(crate) fn is_modern(&self) -> bool {
        self.protocol_version.is_some() || self.client_capabilities.is_some() || self.client_info.is_some()
    }

    /// The protocol version of a modern request, once both required fields have been checked
    /// (basic/index.mdx, "Per-request protocol fields").
    pub(crate) fn required(&self) -> Result<Cow<'a, str>, Fault> {
        let version = self.protocol_version.and_then(json::string).ok_or_else(|| {
            Fault::MalformedMeta(
                "`params._meta[\"io.modelcontextprotocol/protocolVersion\"]` must be a string".to_owned(),
            )
        })?;
        if !self.client_capabilities.is_some_and(json::is_object) {
            return Err(Fault::MalformedMeta(
                "`params._meta[\"io.modelcontextprotocol/clientCapabilities\"]` must be an object".to_owned(),
            ));
        }
        Ok(version)
    }

    /// Who calls, if that can be read.
    pub(crate) fn client_info(&self) -> Option<ClientInfo> {
        ClientInfo::read(self.client_info?)
    }

    /// What a modern request declares.
    pub(crate) fn capabilities(&self) -> Capabilities {
        self.client_capabilities.map(Capabilities::read).unwrap_or_default()
    }

    /// What progress is to be reported under: a string or an integer (basic/patterns/progress.mdx). Anything else
    /// asks for nothing.
    pub(crate) fn progress_token(&self) -> Option<&'a RawValue> {
        self.progress_token.filter(|token| is_id(token))
    }

    /// From which level on log messages are wanted.
    ///
    /// # Errors
    /// -32602 when it is no level.
    pub(crate) fn log_level(&self) -> Result<Option<LogLevel>, Fault> {
        let Some(level) = self.log_level else { return Ok(None) };
        let level = json::string(level).and_then(|level| level.parse().ok());
        level.map(Some).ok_or_else(|| {
            Fault::MalformedMeta(format!(
                "`params._meta[\"io.modelcontextprotocol/logLevel\"]` is {}",
                crate::level::UnknownLevel
            ))
        })
    }

    /// The trace this request belongs to.
    pub(crate) fn trace(&self) -> Trace {
        let owned = |raw: Option<&RawValue>| raw.and_then(json::string).map(Cow::into_owned);
        Trace {
            traceparent: owned(self.traceparent),
            tracestate: owned(self.tracestate),
            baggage: owned(self.baggage),
        }
    }
}

/// 2026-07-28, schema, `PromptReference` and `ResourceTemplateReference`.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Reference {
    #[serde(rename = "ref/prompt")]
    Prompt { name: String },
    #[serde(rename = "ref/resource")]
    Resource { uri: String },
}

#[derive(Deserialize)]
struct Argument {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Settled {
    #[serde(default)]
    arguments: HashMap<String, String>,
}

fn object<'a, T: Deserialize<'a>>(value: Option<&'a RawValue>, name: &str) -> Result<T, Fault> {
    let value = value
        .filter(|value| json::is_object(value))
        .ok_or_else(|| Fault::InvalidParams(format!("`params.{name}` must be an object")))?;
    serde_json::from_str(value.get())
        .map_err(|error| Fault::InvalidParams(format!("`params.{name}` can't be read: {error}")))
}

fn required<'a>(value: Option<&'a RawValue>, name: &str) -> Result<Cow<'a, str>, Fault> {
    value
        .and_then(json::string)
        .ok_or_else(|| Fault::InvalidParams(format!("`params.{name}` must be a string")))
}
