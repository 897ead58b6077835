//! XML by the XML Object (OpenAPI 3.2, 4.26).
//!
//! Owns names, namespaces and escaping; refuses what XML 1.0 cannot say: illegal names and control characters. A
//! null element is empty and `xsi:nil`; a null attribute is left out.

use std::fmt::Write as _;

use serde_json::Value;

use super::Content;
use crate::plan::XmlNode;
use crate::refusal::Refusal;
use crate::style::text;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NIL: &str = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"";

/// The document of a body.
pub(super) fn document(node: &XmlNode, content: &Content<'_>) -> Result<String, Refusal> {
    let result = match content {
        Content::Whole(_, value) => element_document(node, value),
        Content::Members(members) => {
            let mut out = DECLARATION.to_owned();
            record(&mut out, root_name(node), node, members, &[]).map(|()| out)
        }
    };
    result.map_err(|message| content.refuse(None, message))
}

/// The document of one value.
pub(super) fn element_document(node: &XmlNode, value: &Value) -> Result<String, String> {
    let mut out = DECLARATION.to_owned();
    match value {
        // A document has one root (XML 1.0, 2.1): the items of an array need an element around them.
        Value::Array(items) => wrapped(&mut out, root_name(node), node, items, &[])?,
        value => element(&mut out, root_name(node), node, value, &[])?,
    }
    Ok(out)
}

const fn root_name(node: &XmlNode) -> &str {
    if node.name.is_empty() { "root" } else { node.name.as_str() }
}

/// What a property is called: its own node's name, else the property's.
fn own_name<'n>(node: &'n XmlNode, property: &'n str) -> &'n str {
    if node.name.is_empty() { property } else { &node.name }
}

/// An element of one value that is no array.
fn element(
    out: &mut String,
    name: &str,
    node: &XmlNode,
    value: &Value,
    scope: &[&str],
) -> Result<(), String> {
    match value {
        Value::Object(members) => {
            let members: Vec<(&str, &Value)> = members.iter().map(|(k, v)| (k.as_str(), v)).collect();
            record(out, name, node, &members, scope)
        }
        Value::Array(items) => wrapped(out, name, node, items, scope),
        Value::Null => {
            let (tag, namespace, _) = start(name, node, scope)?;
            let _ = write!(out, "<{tag}{namespace}{NIL}/>");
            Ok(())
        }
        scalar => {
            let (tag, namespace, _) = start(name, node, scope)?;
            let _ = write!(out, "<{tag}{namespace}>{}</{tag}>", escaped(&text(scalar))?);
            Ok(())
        }
    }
}

/// An element around the items of an array.
fn wrapped(
    out: &mut String,
    name: &str,
    node: &XmlNode,
    items: &[Value],
    scope: &[&str],
) -> Result<(), String> {
    let (tag, namespace, inner) = start(name, node, scope)?;
    let _ = write!(out, "<{tag}{namespace}>");
    list(out, name, node, items, &inner)?;
    let _ = write!(out, "</{tag}>");
    Ok(())
}

/// The items of an array, each an element.
fn list(
    out: &mut String,
    outer: &str,
    node: &XmlNode,
    items: &[Value],
    scope: &[&str],
) -> Result<(), String> {
    let default = XmlNode::default();
    let item_node = node.items.as_deref().unwrap_or(&default);
    items.iter().try_for_each(|item| element(out, own_name(item_node, outer), item_node, item, scope))
}

/// An element of an object: attributes first, then an element for each property.
fn record(
    out: &mut String,
    name: &str,
    node: &XmlNode,
    members: &[(&str, &Value)],
    scope: &[&str],
) -> Result<(), String> {
    let default = XmlNode::default();
    let node_of =
        |key: &str| node.properties.iter().find(|(own, _)| own == key).map_or(&default, |(_, node)| node);
    let (tag, namespace, inner) = start(name, node, scope)?;
    let _ = write!(out, "<{tag}{namespace}");
    for (key, value) in members.iter().filter(|(key, value)| node_of(key).attribute && !value.is_null()) {
        let own = node_of(key);
        let (attribute, namespace, _) = start(own_name(own, key), own, &inner)?;
        // An attribute without a prefix has no namespace (XML Names, 6.2).
        let namespace = if own.prefix.is_some() { namespace } else { String::new() };
        let _ = write!(out, "{namespace} {attribute}=\"{}\"", escaped(&text(value))?);
    }
    out.push('>');
    for (key, value) in members.iter().filter(|(key, _)| !node_of(key).attribute) {
        let own = node_of(key);
        match value {
            Value::Array(items) if own.wrapped => wrapped(out, own_name(own, key), own, items, &inner)?,
            // The name of an array that is not wrapped has no effect; its items may have one.
            Value::Array(items) => list(out, key, own, items, &inner)?,
            value => element(out, own_name(own, key), own, value, &inner)?,
        }
    }
    let _ = write!(out, "</{tag}>");
    Ok(())
}

/// The qualified name, the namespace declaration, and the prefixes in scope below.
fn start<'s>(
    name: &str,
    node: &'s XmlNode,
    scope: &[&'s str],
) -> Result<(String, String, Vec<&'s str>), String> {
    let mut inner = scope.to_vec();
    let name = legal(name)?;
    let declaration =
        |attribute: &str, uri: &str| Ok::<_, String>(format!(" {attribute}=\"{}\"", escaped(uri)?));
    match (&node.prefix, &node.namespace) {
        (Some(prefix), Some(uri)) => {
            let prefix = legal(prefix)?;
            inner.push(prefix);
            Ok((format!("{prefix}:{name}"), declaration(&format!("xmlns:{prefix}"), uri)?, inner))
        }
        // A prefix that nothing declares would make the document unreadable (XML Names, 5).
        (Some(prefix), None) if scope.contains(&prefix.as_str()) => {
            Ok((format!("{prefix}:{name}"), String::new(), inner))
        }
        (None, Some(uri)) => Ok((name.to_owned(), declaration("xmlns", uri)?, inner)),
        _ => Ok((name.to_owned(), String::new(), inner)),
    }
}

/// The name, if it is one without a colon (XML Names, 3).
fn legal(name: &str) -> Result<&str, String> {
    let first = |c: char| {
        c.is_ascii_alphabetic()
            || c == '_'
            || matches!(c, '\u{c0}'..='\u{2ff}' | '\u{370}'..='\u{1fff}' | '\u{200c}' | '\u{200d}'
                | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
                | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
                && !matches!(c, '\u{d7}' | '\u{f7}' | '\u{37e}')
    };
    let rest = |c: char| {
        first(c)
            || c.is_ascii_digit()
            || matches!(c, '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}' | '\u{2040}')
    };
    let mut characters = name.chars();
    if characters.next().is_some_and(first) && characters.all(rest) {
        Ok(name)
    } else {
        Err(format!("{name:?} cannot be the name of an XML element or attribute; leave that property out."))
    }
}

/// Text for an element or attribute (XML 1.0, 2.2 and 2.4). White space other than a plain space is written as a
/// reference, for parsers normalise it (2.11, 3.3.3).
fn escaped(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                return Err(format!(
                    "XML cannot hold the character U+{:04X}; leave it out.",
                    u32::from(character)
                ));
            }
            other => out.push(other),
        }
    }
    Ok(out)
}
