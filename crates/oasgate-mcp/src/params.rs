//! The parameters of the requests served here, borrowed and mostly unparsed; and the `_meta` object in them.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::context::{ClientInfo, Trace};
use crate::fault::Fault;
use crate::json;

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
    #[serde(borrow, default, rename = "requestId")]
    request_id: Option<&'a RawValue>,
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

    /// What the header `Mcp-Name` must repeat: `params.name` or `params.uri`.
    pub(crate) fn name_or_uri(&self) -> Option<Cow<'a, str>> {
        self.name.or(self.uri).and_then(json::string)
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

fn required<'a>(value: Option<&'a RawValue>, name: &str) -> Result<Cow<'a, str>, Fault> {
    value
        .and_then(json::string)
        .ok_or_else(|| Fault::InvalidParams(format!("`params.{name}` must be a string")))
}
