//! What a request can be refused with: JSON-RPC codes and the HTTP statuses the revisions give them.

use std::borrow::Cow;

use http::StatusCode;
use serde_json::value::RawValue;

use crate::capabilities::ClientFeature;
use crate::json;
use crate::revision::{Era, Revision};

/// A refusal, one variant per code of 2026-07-28, basic/index.mdx, "Error Codes". The text says what to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// -32700
    Parse(String),
    /// -32600
    InvalidRequest(Cow<'static, str>),
    /// -32601
    UnknownMethod(String),
    /// -32602
    InvalidParams(String),
    /// -32602, but for the per-request `_meta` fields, which have an HTTP status of their own.
    MalformedMeta(String),
    /// -32603
    Internal(Cow<'static, str>),
    /// -32020
    HeaderMismatch(String),
    /// -32021
    MissingCapability(Vec<ClientFeature>),
    /// -32022
    UnsupportedVersion(String),
    /// -32602; in the legacy era -32002 (2025-11-25, server/resources.mdx, "Error Handling").
    UnknownResource(String, Era),
    /// The session a legacy client names is not, or no longer, one of ours (2025-11-25, basic/transports.mdx,
    /// "Session Management"). The revision has only an HTTP status for it.
    UnknownSession,
}

impl Fault {
    /// The JSON-RPC error code.
    pub(crate) fn code(&self) -> i32 {
        match self {
            Self::Parse(_) => -32700,
            Self::InvalidRequest(_) | Self::UnknownSession => -32600,
            Self::UnknownMethod(_) => -32601,
            Self::InvalidParams(_) | Self::MalformedMeta(_) | Self::UnknownResource(_, Era::Modern) => -32602,
            Self::UnknownResource(_, Era::Legacy) => -32002,
            Self::Internal(_) => -32603,
            Self::HeaderMismatch(_) => -32020,
            Self::MissingCapability(_) => -32021,
            Self::UnsupportedVersion(_) => -32022,
        }
    }

    /// The HTTP status of a reply that carries this error.
    ///
    /// Modern: basic/index.mdx, "Per-request protocol fields" and basic/transports/streamable-http.mdx, "Server
    /// Validation", name 400 and 404. An error about the content of a well-formed request is an ordinary answer:
    /// 200, as in the legacy revisions, whose clients take any other status for a broken transport.
    pub(crate) fn status(&self, era: Era) -> StatusCode {
        match self {
            Self::Parse(_)
            | Self::InvalidRequest(_)
            | Self::MalformedMeta(_)
            | Self::HeaderMismatch(_)
            | Self::MissingCapability(_)
            | Self::UnsupportedVersion(_) => StatusCode::BAD_REQUEST,
            Self::UnknownSession => StatusCode::NOT_FOUND,
            Self::UnknownMethod(_) if era == Era::Modern => StatusCode::NOT_FOUND,
            Self::UnknownMethod(_)
            | Self::InvalidParams(_)
            | Self::UnknownResource(..)
            | Self::Internal(_) => StatusCode::OK,
        }
    }

    /// The error response. Without a readable id it has the id `null` (JSON-RPC 2.0, section 5).
    pub(crate) fn response(&self, id: Option<&RawValue>) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        out.extend_from_slice(id.map_or("null", RawValue::get).as_bytes());
        out.extend_from_slice(br#","error":"#);
        self.push_error(&mut out);
        out.push(b'}');
        out
    }

    /// Appends the `Error` object.
    pub(crate) fn push_error(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"code":"#);
        json::push(out, &self.code());
        out.extend_from_slice(br#","message":"#);
        json::push(out, self.message().as_ref());
        self.push_data(out);
        out.push(b'}');
    }

    fn push_data(&self, out: &mut Vec<u8>) {
        match self {
            Self::UnsupportedVersion(requested) => {
                out.extend_from_slice(br#","data":{"supported":"#);
                json::push(out, &Revision::ALL.map(Revision::as_str));
                out.extend_from_slice(br#","requested":"#);
                json::push(out, requested.as_str());
                out.push(b'}');
            }
            Self::MissingCapability(features) => {
                out.extend_from_slice(br#","data":{"requiredCapabilities":"#);
                ClientFeature::push_all(features, out);
                out.push(b'}');
            }
            Self::UnknownResource(uri, _) => {
                out.extend_from_slice(br#","data":{"uri":"#);
                json::push(out, uri.as_str());
                out.push(b'}');
            }
            _ => {}
        }
    }

    fn message(&self) -> Cow<'_, str> {
        match self {
            Self::Parse(text)
            | Self::InvalidParams(text)
            | Self::MalformedMeta(text)
            | Self::HeaderMismatch(text) => text.into(),
            Self::InvalidRequest(text) | Self::Internal(text) => text.as_ref().into(),
            Self::UnknownMethod(method) => format!("Method not found: {method}").into(),
            Self::MissingCapability(_) => "The client lacks a capability that this request needs".into(),
            Self::UnsupportedVersion(_) => "Unsupported protocol version".into(),
            Self::UnknownResource(uri, _) => format!("Resource not found: {uri}").into(),
            Self::UnknownSession => "Unknown session: initialize again".into(),
        }
    }
}
