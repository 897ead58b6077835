//! The body of a request: which value it has, which recipe writes it, and under which `Content-Type`.
//!
//! Owns the choice and the simple formats; forms, multipart, files and XML have modules of their own. Knows no
//! schema: the plan says how each field is written.

mod binary;
mod files;
mod form;
mod multipart;
mod xml;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use http::HeaderValue;
use serde_json::{Map, Value};

pub use self::files::files;
pub(crate) use self::form::by_default as default_form;
use crate::media::{MediaType, sniff};
use crate::plan::{BodyFormat, BodyPlan, BodyRecipe, BodySource};
use crate::refusal::{Refusal, token};
use crate::style::text;

/// The media type of forms (WHATWG URL, 5).
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A body, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// The `Content-Type`.
    pub(crate) content_type: HeaderValue,
    /// The bytes.
    pub(crate) bytes: Bytes,
}

/// The value of a body, not copied out of the arguments.
#[derive(Debug, Clone)]
enum Content<'a> {
    /// One argument of this name is all of it.
    Whole(&'a str, &'a Value),
    /// An object whose members are arguments.
    Members(Vec<(&'a str, &'a Value)>),
}

/// Writes the body that these arguments ask for; `None` if none is to be sent.
pub(crate) fn write(
    plan: Option<&BodyPlan>,
    arguments: &Map<String, Value>,
) -> Result<Option<Written>, Refusal> {
    let Some(plan) = plan else { return Ok(None) };
    let (recipe, content_type) = choose(plan, arguments)?;
    match content(plan, recipe, arguments)? {
        Some(content) => written(&recipe.format, content_type, &content).map(Some),
        None => Ok(None),
    }
}

/// The text of a value that is a document of this media type by itself, as in a parameter with `content`.
pub(crate) fn content_text<'v>(media_type: &str, value: &'v Value) -> Cow<'v, str> {
    let media_type = MediaType::parse(media_type);
    match value {
        _ if media_type.is_json() => Cow::Owned(value.to_string()),
        Value::Object(_) if media_type.essence == FORM => Cow::Owned(default_form(value)),
        _ => text(value),
    }
}

/// The recipe that the chooser argument names, else the preferred one, with the `Content-Type` to declare: a type
/// that was named stands in for the range it fits.
fn choose<'p: 'a, 'a>(
    plan: &'p BodyPlan,
    arguments: &'a Map<String, Value>,
) -> Result<(&'p BodyRecipe, &'a str), Refusal> {
    let Some((chooser, value)) = plan.chooser.as_ref().and_then(|name| Some((name, arguments.get(name)?)))
    else {
        let first = plan.recipes.first().map(|recipe| (recipe, recipe.content_type.as_str()));
        return first.ok_or_else(|| Refusal::new("", "the plan of this operation is broken."));
    };
    let named = value.as_str().filter(|named| HeaderValue::from_str(named).is_ok()).unwrap_or("");
    let wanted = MediaType::parse(named);
    let exact = |recipe: &&BodyRecipe| named.eq_ignore_ascii_case(&recipe.content_type);
    let fits = |recipe: &&BodyRecipe| wanted.fits(&MediaType::parse(&recipe.content_type));
    let recipe =
        plan.recipes.iter().find(exact).or_else(|| plan.recipes.iter().find(fits)).ok_or_else(|| {
            let known: Vec<&str> = plan.recipes.iter().map(|recipe| recipe.content_type.as_str()).collect();
            Refusal::argument(chooser, format!("must be one of {}, not {value}.", known.join(", ")))
        })?;
    let is_range = MediaType::parse(&recipe.content_type).is_range();
    Ok((recipe, if is_range { named } else { &recipe.content_type }))
}

/// The value that the arguments give the body; `None` if nothing is to be sent.
fn content<'a>(
    plan: &'a BodyPlan,
    recipe: &BodyRecipe,
    arguments: &'a Map<String, Value>,
) -> Result<Option<Content<'a>>, Refusal> {
    match &plan.source {
        BodySource::Argument(name) => match arguments.get(name) {
            // Only JSON has a null to send.
            Some(Value::Null) if !matches!(recipe.format, BodyFormat::Json | BodyFormat::JsonLines) => {
                missing(plan, name)
            }
            Some(value) => Ok(Some(Content::Whole(name, value))),
            None => missing(plan, name),
        },
        BodySource::Properties(names) => {
            let given = names.iter().filter_map(|name| Some((name.as_str(), arguments.get(name)?)));
            let members: Vec<_> = given.collect();
            let sent = plan.required || !members.is_empty();
            Ok(sent.then_some(Content::Members(members)))
        }
    }
}

fn missing<'a>(plan: &BodyPlan, name: &str) -> Result<Option<Content<'a>>, Refusal> {
    if plan.required {
        Err(Refusal::argument(name, "is the body of the request, which must have one; add it."))
    } else {
        Ok(None)
    }
}

/// The content in this format; a media range becomes a type that the format has.
fn written(format: &BodyFormat, content_type: &str, content: &Content<'_>) -> Result<Written, Refusal> {
    let declared = MediaType::parse(content_type);
    let concrete = |preferred: &str| if declared.is_range() { preferred } else { content_type }.to_owned();
    let (concrete_type, bytes) = match format {
        BodyFormat::Json => (concrete("application/json"), content.json()),
        BodyFormat::JsonLines => {
            // A text sequence marks the beginning of each text as well (RFC 7464, 2.2).
            let mark = if declared.subtype().ends_with("json-seq") { "\u{1e}" } else { "" };
            (concrete("application/jsonl"), content.json_lines(mark))
        }
        BodyFormat::Form(fields) => (concrete(FORM), form::encode(fields, &content.members()?).into_bytes()),
        BodyFormat::Multipart(fields) => multipart::encode(&declared, fields, content)?,
        BodyFormat::Text => (concrete("text/plain"), content.text(declared.parameter("charset"))?),
        BodyFormat::Binary => {
            let file = content.file()?;
            let told = file.media_type.filter(|told| MediaType::parse(told).fits(&declared));
            let guess = || sniff(&file.bytes).unwrap_or("application/octet-stream").to_owned();
            (concrete(&told.unwrap_or_else(guess)), file.bytes)
        }
        BodyFormat::Xml(node) => (concrete("application/xml"), xml::document(node, content)?.into_bytes()),
    };
    let content_type = HeaderValue::try_from(concrete_type).map_err(|_| {
        Refusal::new("", format!("the description has no valid media type: {content_type:?}."))
    })?;
    Ok(Written { content_type, bytes: bytes.into() })
}

impl<'a> Content<'a> {
    /// A refusal for what is wrong with the body, or with one member of it.
    fn refuse(&self, member: Option<&str>, message: impl Into<String>) -> Refusal {
        let whole = match self {
            Self::Whole(argument, _) => token(argument),
            Self::Members(_) => String::new(),
        };
        Refusal::new(whole + &member.map(token).unwrap_or_default(), message)
    }

    /// The members of an object.
    fn members(&self) -> Result<Vec<(&'a str, &'a Value)>, Refusal> {
        match self {
            Self::Members(members) => Ok(members.clone()),
            Self::Whole(_, Value::Object(members)) => {
                Ok(members.iter().map(|(k, v)| (k.as_str(), v)).collect())
            }
            Self::Whole(..) => Err(self.refuse(None, "is a form; send an object with its fields.")),
        }
    }

    fn json(&self) -> Vec<u8> {
        match self {
            Self::Whole(_, value) => value.to_string().into_bytes(),
            Self::Members(members) => {
                let member = |(key, value): &(&str, &Value)| format!("{}:{value}", Value::from(*key));
                let members: Vec<String> = members.iter().map(member).collect();
                format!("{{{}}}", members.join(",")).into_bytes()
            }
        }
    }

    /// Each item on a line of its own, after this mark; what is no array is one line.
    fn json_lines(&self, mark: &str) -> Vec<u8> {
        match self {
            Self::Whole(_, Value::Array(items)) => {
                items.iter().map(|item| format!("{mark}{item}\n")).collect::<String>().into_bytes()
            }
            _ => [mark.as_bytes(), &self.json(), b"\n"].concat(),
        }
    }

    /// A string as it is, anything else as JSON, which is what there is to say of it in text; in this charset if it
    /// is one of those that can be written, else in UTF-8.
    fn text(&self, charset: Option<&str>) -> Result<Vec<u8>, Refusal> {
        let text = match self {
            Self::Whole(_, value) => text(value),
            Self::Members(_) => Cow::Owned(String::from_utf8_lossy(&self.json()).into_owned()),
        };
        let encoding = charset.and_then(|charset| Encoding::for_label(charset.as_bytes())).unwrap_or(UTF_8);
        let (bytes, _, is_lossy) = encoding.encode(&text);
        if is_lossy {
            let message = format!("has characters that {} does not have; leave them out.", encoding.name());
            return Err(self.refuse(None, message));
        }
        Ok(bytes.into_owned())
    }

    fn file(&self) -> Result<binary::File, Refusal> {
        match self {
            Self::Whole(_, Value::Array(_) | Value::Object(_)) | Self::Members(_) => {
                Err(self.refuse(None, "is a file; send its bytes as base64, a data URI, or plain text."))
            }
            Self::Whole(_, value) => binary::read(&text(value)).map_err(|message| self.refuse(None, message)),
        }
    }
}
