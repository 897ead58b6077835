//! What the broker keeps. How it is written is [`crate::records`]'; nothing in here is secret unless it is sealed.

use serde::{Deserialize, Serialize};

use super::client::Keys;
use crate::clock::Timestamp;
use crate::records::{Record, RecordKind, sealed};

/// A client that has registered itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClientRecord {
    pub(crate) name: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    /// The locator of its secret, if it has one.
    pub(crate) secret: Option<String>,
    pub(crate) keys: Option<Keys>,
    pub(crate) registered: Timestamp,
    /// Whether somebody has signed in by it.
    #[serde(default)]
    pub(crate) used: bool,
}

/// What the document of a client at its URL says, as far as anything follows from it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DocumentRecord {
    pub(crate) name: Option<String>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) keys: Option<Keys>,
    /// By what its host knows this version (RFC 9110, 8.8.3).
    pub(crate) etag: Option<String>,
    /// Until when it is believed without being asked for again.
    pub(crate) fresh: Timestamp,
}

/// What a client has asked a user for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    /// Whether the request named it: then the token request must, too (RFC 6749, 4.1.3).
    pub(crate) redirect_named: bool,
    pub(crate) state: Option<String>,
    /// The S256 code challenge (RFC 7636, 4.2).
    pub(crate) challenge: String,
    pub(crate) scopes: Vec<String>,
}

/// An authorization under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Txn {
    pub(crate) request: Request,
    /// The SHA-256 of the cookie of the browser that it is under way in.
    pub(crate) browser: String,
    pub(crate) stage: Stage,
}

/// How far an authorization has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// The user has been shown who asks for what.
    Asked,
    /// The user has agreed, and is at another server. What binds the answer to us is sealed by the master key.
    Away(#[serde(with = "sealed")] Vec<u8>),
    /// The user has agreed, and has been asked for a key this often.
    Pasting(u8),
}

/// That somebody has agreed, in one browser, to a client, a redirect and scopes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Consented {
    pub(crate) at: Timestamp,
}

/// An authorization code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CodeRecord {
    pub(crate) grant: String,
    pub(crate) request: Request,
    /// From when on it is good for nothing; the record is kept longer, so that a second use is known.
    pub(crate) until: Timestamp,
    pub(crate) used: bool,
    /// The key of the grant, for who has the code.
    #[serde(with = "sealed")]
    pub(crate) wrapped: Vec<u8>,
}

/// What a user has granted a client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GrantRecord {
    pub(crate) client: String,
    /// The same for all grants of a user.
    pub(crate) principal: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) created: Timestamp,
    /// What goes upstream, sealed by the key of the grant.
    #[serde(with = "sealed")]
    pub(crate) upstream: Vec<u8>,
}

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccessRecord {
    /// The grant behind it; none for a machine's.
    pub(crate) grant: Option<String>,
    pub(crate) client: String,
    pub(crate) principal: String,
    pub(crate) scopes: Vec<String>,
    #[serde(with = "sealed")]
    pub(crate) wrapped: Vec<u8>,
    /// The locator of the refresh token that is spent once this token is used.
    pub(crate) retires: Option<String>,
}

/// A refresh token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RefreshRecord {
    pub(crate) grant: String,
    pub(crate) client: String,
    #[serde(with = "sealed")]
    pub(crate) wrapped: Vec<u8>,
    pub(crate) state: Rotation,
    /// The locator of the refresh token that is spent once this one is used.
    pub(crate) retires: Option<String>,
}

/// How far a refresh token has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rotation {
    /// It is the one to use.
    Current,
    /// There is another, and it may have been lost on its way.
    Superseded(Successors),
    /// Whoever uses it now has stolen it, or has been stolen from.
    Spent,
}

/// The pair that has followed a refresh token: enough to find it again for who has that token, and nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Successors {
    /// Until when it is given again.
    pub(crate) until: Timestamp,
    /// The master key that it was made under.
    pub(crate) kid: String,
    /// What it was made with. Gone once the pair is in use, so that no token leads to a later one.
    #[serde(with = "sealed")]
    pub(crate) salt: Vec<u8>,
    pub(crate) scopes: Vec<String>,
    /// When its access token runs out.
    pub(crate) expires: Timestamp,
}

/// An assertion that has been used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Used {
    pub(crate) at: Timestamp,
}

/// That a process is about to refresh a grant upstream.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Lease {
    /// Which attempt.
    pub(crate) owner: String,
}

impl Record for ClientRecord {
    const KIND: RecordKind = RecordKind::Client;
}
impl Record for DocumentRecord {
    const KIND: RecordKind = RecordKind::Cimd;
}
impl Record for Txn {
    const KIND: RecordKind = RecordKind::Txn;
}
impl Record for Consented {
    const KIND: RecordKind = RecordKind::Consent;
}
impl Record for CodeRecord {
    const KIND: RecordKind = RecordKind::Code;
}
impl Record for GrantRecord {
    const KIND: RecordKind = RecordKind::Grant;
}
impl Record for AccessRecord {
    const KIND: RecordKind = RecordKind::Access;
}
impl Record for RefreshRecord {
    const KIND: RecordKind = RecordKind::Refresh;
}
impl Record for Used {
    const KIND: RecordKind = RecordKind::Jti;
}
impl Record for Lease {
    const KIND: RecordKind = RecordKind::Lease;
}
