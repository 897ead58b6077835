//! What is said in words: the descriptions, and what the listing could not keep.

use serde_json::{Value, json};

use super::types::types_of;
use super::{Listing, OverBudget, scalar};
use crate::prose;
use crate::schema::Settled;
use crate::schema::outline::outline;

impl Listing<'_> {
    /// What any JSON value fits, with a type in every place.
    pub(super) fn anything(&mut self, members: &Settled<'_>) -> Result<Value, OverBudget> {
        self.spend(200)?;
        let plain = json!([{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "object"}]);
        let mut branches = plain.as_array().cloned().unwrap_or_default();
        branches.push(json!({"type": "array", "items": {"anyOf": plain}}));
        let mut listed = json!({"anyOf": branches});
        self.describe(&mut listed, members, false, Vec::new())?;
        Ok(listed)
    }

    /// What is too deep, or recurs: its type, and its form in words.
    pub(super) fn stub(&mut self, settled: &Settled<'_>, recurs: bool) -> Result<Value, OverBudget> {
        let (types, nullable) = types_of(settled);
        let is_array = types.iter().all(|name| *name == "array") && !types.is_empty();
        let mut listed = if is_array {
            json!({"type": "array", "items": {"type": "object"}})
        } else {
            json!({"type": "object"})
        };
        let mut notes = Vec::new();
        if self.level.prose > 0 {
            match settled.through.first().filter(|_| recurs) {
                Some(name) => notes.push(format!("(recursive {name})")),
                None => match outline(self.pool, settled, self.level.form).as_str() {
                    "any" => {}
                    form => notes.push(format!("Form: {form}")),
                },
            }
        }
        self.describe(&mut listed, settled, nullable, notes)?;
        Ok(listed)
    }

    /// Adds the description: what the schema says, and what the listing could not keep.
    pub(super) fn describe(
        &mut self,
        listed: &mut Value,
        members: &Settled<'_>,
        nullable: bool,
        mut notes: Vec<String>,
    ) -> Result<(), OverBudget> {
        let Some(listed) = listed.as_object_mut() else { return Ok(()) };
        let said = members.text("description").or_else(|| members.text("title"));
        let own = listed.get("description").and_then(Value::as_str).map(str::to_owned);
        let mut text = match (said, own) {
            (Some(said), _) => prose::shorten(said, self.level.prose),
            (None, Some(own)) => own,
            (None, None) => String::new(),
        };
        if nullable {
            notes.push("May be null.".to_owned());
        }
        if self.level.prose > 40 {
            scalar::remark(members, listed, &mut notes);
        }
        for note in notes.iter().filter(|_| self.level.prose > 0) {
            if !text.is_empty() {
                let ended = text.trim_end_matches(['_', '*', '`', ')']).ends_with(['.', '!', '?', '…', ':']);
                text.push_str(if ended { " " } else { ". " });
            }
            text.push_str(note);
        }
        self.spend(32 + text.len() + listed.get("enum").map_or(0, |values| values.to_string().len()))?;
        listed.shift_remove("description");
        if !text.is_empty() {
            listed.insert("description".to_owned(), text.into());
        }
        Ok(())
    }
}
