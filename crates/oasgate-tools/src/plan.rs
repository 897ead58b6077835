//! The request plan of one operation: all that a call needs, decided when the catalog was compiled.
//!
//! A call is straight code over this type: no name is looked up, no URL is taken apart, no schema is read. It is
//! `Debug`-snapshotted for every operation of `specs/`, so the diff of a change to the compiler can be read.

use http::Method;
use oasgate_spec::{Place, Serialization, Status, Style};

/// How the arguments of one tool become one HTTP request.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The method.
    pub method: Method,
    /// Where it goes; `None` if neither the description nor the operator names an absolute server.
    pub server: Option<Base>,
    /// The path below the server's own, in segments that are joined with `/`.
    pub path: Vec<Segment>,
    /// Pairs that the path key itself fixes (`/x?beta=true`), percent-encoded.
    pub fixed_query: Option<String>,
    /// The parameters, each bound to one argument.
    pub slots: Vec<Slot>,
    /// The body, if the operation takes one.
    pub body: Option<BodyPlan>,
    /// The `Accept` field.
    pub accept: String,
    /// The alternatives of which one must be satisfied; empty if no credential is asked for.
    pub security: Vec<Vec<SchemeUse>>,
    /// The statuses that the description calls success, and what it says they carry.
    pub responses: Vec<(Status, Vec<String>)>,
}

/// An absolute server URL, taken apart: `https://host:port` and `/base/path` without its last slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// Scheme and authority, as [RFC 6454, 4] compares them.
    pub origin: String,
    /// The path, percent-encoded, without a trailing slash; empty at the root.
    pub path: String,
}

/// One segment of the path: literal text and slots, as in `{id}.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment(pub Vec<Piece>);

/// A piece of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text, percent-encoded.
    Literal(String),
    /// The value of the slot with this index.
    Slot(usize),
    /// The same, keeping its slashes and other reserved characters (RFC 6570, 3.2.3: `{+name}`).
    Reserved(usize),
}

/// One parameter and the argument that fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The argument's name, as in the full schema.
    pub argument: String,
    /// Its name on the wire.
    pub name: String,
    /// Where it goes.
    pub place: Place,
    /// Whether a request without it is impossible.
    pub required: bool,
    /// How the value becomes text.
    pub serialization: Serialization,
}

/// The body: where its value comes from, and the ways to write it.
#[derive(Debug, Clone)]
pub struct BodyPlan {
    /// Where the value comes from.
    pub source: BodySource,
    /// Whether one is sent even if no argument belongs to it (`{}`).
    pub required: bool,
    /// The media types, the preferred one first; never empty.
    pub recipes: Vec<BodyRecipe>,
    /// The argument that chooses among several media types, if there is one.
    pub chooser: Option<String>,
}

/// Where the value of the body comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodySource {
    /// One argument is the whole body.
    Argument(String),
    /// The body is an object, and each of these arguments is its property of the same name.
    Properties(Vec<String>),
}

/// One way to write the body.
#[derive(Debug, Clone)]
pub struct BodyRecipe {
    /// The `Content-Type` to send; parameters as in the description, a multipart boundary is added.
    pub content_type: String,
    /// How the value is written.
    pub format: BodyFormat,
}

/// How the value of a body is written.
#[derive(Debug, Clone)]
pub enum BodyFormat {
    /// JSON (RFC 8259).
    Json,
    /// One JSON value a line (NDJSON, JSON Lines), from an array.
    JsonLines,
    /// `application/x-www-form-urlencoded` (OpenAPI 3.2, 4.15).
    Form(Vec<Field>),
    /// `multipart/*` (RFC 7578, RFC 2046).
    Multipart(Vec<Field>),
    /// Text as it is.
    Text,
    /// Bytes: base64, a data URI, or text.
    Binary,
    /// XML by the XML Object (OpenAPI 3.2, 4.26).
    Xml(XmlNode),
}

/// How one field of a form or one part of a multipart body is written. Fields not listed use the default.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The property's name.
    pub name: String,
    /// How its value becomes text.
    pub encoding: FieldEncoding,
    /// Whether its schema makes it a file: bytes, given as base64 or a data URI.
    pub binary: bool,
    /// Fixed header fields of the part.
    pub headers: Vec<(String, String)>,
}

/// How the value of a field becomes text.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldEncoding {
    /// By content type, given or by default (OpenAPI 3.2, 4.15.1.1).
    Content(Option<String>),
    /// As a query parameter would be (OpenAPI 3.2, 4.15.1.2).
    Style {
        /// The style.
        style: Style,
        /// Whether arrays and objects become one pair each.
        explode: bool,
        /// Whether reserved characters stay as they are.
        allow_reserved: bool,
    },
}

/// How a value is written as XML (OpenAPI 3.2, 4.26 XML Object).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct XmlNode {
    /// The element's or attribute's name; the property's own name if empty.
    pub name: String,
    /// The namespace URI.
    pub namespace: Option<String>,
    /// The namespace prefix.
    pub prefix: Option<String>,
    /// Whether it is an attribute of its parent.
    pub attribute: bool,
    /// Whether an array has an element of its own around its items.
    pub wrapped: bool,
    /// The nodes of an object's properties, by property name.
    pub properties: Vec<(String, Self)>,
    /// The node of an array's items.
    pub items: Option<Box<Self>>,
}

/// One scheme of a security alternative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeUse {
    /// The scheme's name in the description.
    pub scheme: String,
    /// The scopes (or roles) this operation needs.
    pub scopes: Vec<String>,
}

impl Slot {
    /// Whether it is the header field that tells the repetitions of one call from a second call
    /// (draft-ietf-httpapi-idempotency-key-header). Who sends the request can give it a value as well as the caller.
    #[must_use]
    pub fn is_idempotency_key(&self) -> bool {
        self.place == Place::Header && self.name.eq_ignore_ascii_case("idempotency-key")
    }
}

impl Plan {
    /// The slots of one place, in order.
    pub fn slots_in(&self, place: Place) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |slot| slot.place == place)
    }
}
