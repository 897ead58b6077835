//! The version-neutral model: what every OpenAPI version says, said once.
//!
//! Owns the words (operation, parameter, style, body, server, security scheme) that the rest of the program
//! speaks. Nothing here is optional that was only optional while loading, and no value refers back to a document:
//! schemas are JSON Schema 2020-12, and their `$ref`s all lead into [`Api::definitions`].

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::Location;

/// One API, read from a description of any supported version.
#[derive(Debug, Clone, Default)]
pub struct Api {
    /// `info.title`; empty if the description has none.
    pub title: String,
    /// `info.version`, as text; empty if the description has none.
    pub version: String,
    /// `info.description`, or `info.summary`.
    pub description: Option<String>,
    /// The version family the entry document is written in.
    pub dialect: Dialect,
    /// The servers of the whole API, made absolute where the document's own URL allows it.
    pub servers: Vec<Server>,
    /// Every operation under `paths`, in document order. Webhooks and callbacks are not operations of this API.
    pub operations: Vec<Operation>,
    /// The security schemes by name (OpenAPI 3.2, 4.27 Security Scheme Object).
    pub security_schemes: IndexMap<String, Scheme>,
    /// The schemas that operations refer to by `$ref`.
    pub definitions: Definitions,
    /// Tags by name, with their description, or else summary, where there is one.
    pub tags: IndexMap<String, Option<String>>,
    /// The tag that a tag stands below, where one is given (3.2 `parent`); it may not be among the tags.
    pub tag_parents: IndexMap<String, String>,
}

/// The version family of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Dialect {
    /// Swagger 2.0.
    V2_0,
    /// OpenAPI 3.0.x.
    V3_0,
    /// OpenAPI 3.1.x.
    V3_1,
    /// OpenAPI 3.2.x, and whatever newer minor version is met.
    #[default]
    V3_2,
}

/// A JSON Schema 2020-12 whose every `$ref` reads `#/$defs/NAME`, NAME being a key of [`Definitions`].
///
/// OpenAPI's annotations that JSON Schema does not know (`discriminator`, `xml`, `readOnly`, `writeOnly`) are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema(pub Value);

/// The pool of schemas that are referred to by name; cycles are allowed here and only here.
#[derive(Debug, Clone, Default)]
pub struct Definitions(pub IndexMap<String, Schema>);

/// One operation: a method on a path (OpenAPI 3.2, 4.10 Operation Object).
#[derive(Debug, Clone)]
pub struct Operation {
    /// Where it stands.
    pub location: Location,
    /// The HTTP method, upper case, or as written under 3.2's `additionalOperations`.
    pub method: String,
    /// The path key as written, with `{name}` templates, fixed query and fragment.
    pub path: String,
    /// The path key taken apart; it names path parameters as they are declared.
    pub template: Template,
    /// `operationId`, as written.
    pub id: Option<String>,
    /// `summary`.
    pub summary: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `deprecated`.
    pub deprecated: bool,
    /// The servers in force: the operation's, else the path item's, else the API's.
    pub servers: Vec<Server>,
    /// The parameters in force: the path item's, overridden by the operation's; credentials are among them.
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Option<Body>,
    /// The responses, in document order.
    pub responses: Vec<Response>,
    /// The alternatives of which one must be satisfied; empty means that nothing is required.
    pub security: Vec<Requirement>,
    /// `x-…` members of the operation, and of the path item where the operation has none of that name.
    pub extensions: Map<String, Value>,
}

/// A path key, taken apart (OpenAPI 3.2, 4.8.2 Path Templating). Its fragment, which is never sent, is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// The segments between the slashes, without the leading slash; a trailing slash is an empty last segment.
    pub segments: Vec<Vec<Part>>,
    /// Pairs of a query that the path key fixes, as written. Templates in a query have become query parameters.
    pub query: Option<String>,
}

/// A piece of a path segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as written.
    Literal(String),
    /// `{name}`: the value of the path parameter of this name.
    Parameter(String),
    /// `{+name}` (RFC 6570, 3.2.3): the same, keeping its slashes.
    Reserved(String),
}

/// One parameter (OpenAPI 3.2, 4.12 Parameter Object).
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name on the wire.
    pub name: String,
    /// Where it goes.
    pub place: Place,
    /// Whether every request must have it; always true in a path.
    pub required: bool,
    /// `deprecated`.
    pub deprecated: bool,
    /// `description`.
    pub description: Option<String>,
    /// How its value becomes text.
    pub serialization: Serialization,
    /// What values it takes.
    pub schema: Schema,
    /// The first example given.
    pub example: Option<Value>,
}

/// Where a parameter goes (`in`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A template in the path.
    Path,
    /// One or more pairs in the query.
    Query,
    /// The query as a whole (3.2 `in: querystring`).
    QueryString,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
}

/// How a parameter's value becomes text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serialization {
    /// By `style`, `explode` and `allowReserved`, defaults filled in (OpenAPI 3.2, 4.12.2.3).
    Style {
        /// The style.
        style: Style,
        /// Whether arrays and objects become one pair each.
        explode: bool,
        /// Whether reserved characters stay as they are (RFC 3986, 2.2).
        allow_reserved: bool,
        /// Whether an empty value may be sent (`allowEmptyValue`, query only).
        allow_empty: bool,
    },
    /// As a document of this media type (`content`).
    Content(String),
}

/// The styles of OpenAPI 3.2, 4.12.3, and Swagger 2.0's `tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// `;name=value` in a path.
    Matrix,
    /// `.value` in a path.
    Label,
    /// `value,value` in a path or header.
    Simple,
    /// `name=value` in a query or cookie.
    Form,
    /// `name=a%20b`.
    SpaceDelimited,
    /// `name=a%7Cb`.
    PipeDelimited,
    /// `name[key]=value`.
    DeepObject,
    /// Tab separated, from Swagger 2.0's `collectionFormat: tsv`.
    TabDelimited,
    /// `name=value` in a cookie without percent-encoding (3.2 `style: cookie`).
    Cookie,
}

/// A request body (OpenAPI 3.2, 4.13 Request Body Object).
#[derive(Debug, Clone)]
pub struct Body {
    /// Whether every request must have one.
    pub required: bool,
    /// `description`.
    pub description: Option<String>,
    /// The media types on offer, in document order; never empty.
    pub content: Vec<MediaType>,
}

/// One media type of a body or response (OpenAPI 3.2, 4.14 Media Type Object).
#[derive(Debug, Clone)]
pub struct MediaType {
    /// The media type or range, as written.
    pub name: String,
    /// The schema of the whole content; `true` if nothing is said.
    pub schema: Schema,
    /// The schema of each item of a sequential media type (3.2 `itemSchema`).
    pub item_schema: Option<Schema>,
    /// How each form field or part is encoded.
    pub encoding: IndexMap<String, Encoding>,
    /// The first example given.
    pub example: Option<Value>,
}

/// How one form field or part is encoded (OpenAPI 3.2, 4.15 Encoding Object).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Encoding {
    /// `contentType`.
    pub content_type: Option<String>,
    /// `style`, where any of `style`, `explode` and `allowReserved` is given; then `contentType` does not count.
    pub style: Option<Style>,
    /// `explode`, default by style.
    pub explode: bool,
    /// `allowReserved`.
    pub allow_reserved: bool,
    /// Header fields of the part, by name: the value to send, where the schema fixes or defaults one.
    pub headers: IndexMap<String, Schema>,
}

/// One response (OpenAPI 3.2, 4.17 Response Object).
#[derive(Debug, Clone)]
pub struct Response {
    /// Which statuses it describes.
    pub status: Status,
    /// `description`.
    pub description: Option<String>,
    /// The media types on offer. Schemas are `true` unless response schemas were asked for.
    pub content: Vec<MediaType>,
}

/// Which status codes a response describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Exactly this one.
    Code(u16),
    /// All of one class: `2XX` is 2.
    Class(u8),
    /// Those not described otherwise.
    Default,
}

/// One alternative of `security`: all of these schemes together, by name, with the scopes needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirement(pub IndexMap<String, Vec<String>>);

/// A security scheme.
#[derive(Debug, Clone)]
pub struct Scheme {
    /// `description`.
    pub description: Option<String>,
    /// What it is.
    pub kind: SchemeKind,
}

/// What a security scheme is.
#[derive(Debug, Clone)]
pub enum SchemeKind {
    /// A key under `name` in a header, query or cookie.
    ApiKey {
        /// Where it goes.
        place: ApiKeyPlace,
        /// The header, query parameter or cookie.
        name: String,
    },
    /// `Authorization: Basic` (RFC 7617).
    Basic,
    /// `Authorization: Bearer` (RFC 6750).
    Bearer,
    /// `Authorization` with another registered scheme.
    Http(String),
    /// OAuth 2.0; goes on the wire as a bearer token. The flows as OpenAPI 3 has them.
    OAuth2(Value),
    /// OpenID Connect discovery at this URL; goes on the wire as a bearer token.
    OpenIdConnect(String),
    /// A client certificate.
    MutualTls,
    /// A type that this version does not know, by name.
    Unknown(String),
}

/// Where an API key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiKeyPlace {
    /// A header field.
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
}

/// A server (OpenAPI 3.2, 4.5 Server Object).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The URL with `{variable}` templates; absolute where the document's own URL allows it.
    pub url: String,
    /// `description`.
    pub description: Option<String>,
    /// The variables of the template.
    pub variables: IndexMap<String, Variable>,
}

/// A server variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// `default`, or the first of the enum.
    pub default: String,
    /// The values allowed; empty means any.
    pub choices: Vec<String>,
}

impl Schema {
    /// The schema that takes any value.
    #[must_use]
    pub const fn any() -> Self {
        Self(Value::Bool(true))
    }

    /// The name of the definition it refers to, if it is a reference.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        definition_name(&self.0)
    }
}

impl Definitions {
    /// The definition of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(|schema| &schema.0)
    }

    /// What a schema refers to, references followed to their end; siblings of the `$ref` are not looked at.
    #[must_use]
    pub fn follow<'s>(&'s self, mut schema: &'s Value) -> &'s Value {
        for _ in 0..=self.0.len() {
            match definition_name(schema).and_then(|name| self.get(name)) {
                Some(next) => schema = next,
                None => break,
            }
        }
        schema
    }
}

impl Status {
    /// Whether it describes success: 2xx, or a whole class of it.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Code(200..=299) | Self::Class(2))
    }
}

/// The name of the definition that this schema refers to, if it is a reference.
fn definition_name(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}
