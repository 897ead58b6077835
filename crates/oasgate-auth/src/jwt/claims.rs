//! What a JWT, or an answer about a token, says: the claims of RFC 7519, 4.1 and those of the registry that mean
//! something here.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::JwtError;
use crate::Timestamp;

/// How far clocks may be apart, in seconds.
const SKEW: Timestamp = 60;

/// Claims.
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    pub(crate) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// A claim that is a text, and not an empty one.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// Whether a claim is there, whatever it says.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// A claim that is true or false.
    pub(crate) fn truth(&self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    /// A text, or a number as it is written: some identify users by numbers.
    pub(crate) fn identifier(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A time (RFC 7519, 2, NumericDate), which may have a fraction.
    pub(crate) fn time(&self, name: &str) -> Option<Timestamp> {
        let number = self.0.get(name)?.as_number()?;
        number.as_i64().or_else(|| whole_seconds(number.as_f64()?))
    }

    /// Whom it is for (4.1.3): one text, or several.
    pub(crate) fn audience(&self) -> Vec<&str> {
        match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// What it is good for: `scope` (RFC 8693, 4.2), or `scp`, as a text or as a list; nothing, if that is neither. None if it
    /// says nothing of scopes.
    pub(crate) fn scopes(&self) -> Option<BTreeSet<String>> {
        let told = self.0.get("scope").or_else(|| self.0.get("scp"))?;
        let words: Vec<&str> = match told {
            Value::String(text) => text.split(' ').collect(),
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        Some(words.into_iter().filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    /// Holds it to its times (4.1.4, 4.1.5), and gives the end. `exp` must be there.
    ///
    /// # Errors
    /// It is over, or has not begun.
    pub(crate) fn check_time(&self, now: Timestamp) -> Result<Timestamp, JwtError> {
        let end = self.time("exp").ok_or(JwtError::Claim("exp"))?;
        if end.saturating_add(SKEW) <= now {
            return Err(JwtError::Expired);
        }
        let begin = if self.has("nbf") { self.time("nbf").ok_or(JwtError::Claim("nbf"))? } else { now };
        if begin > now.saturating_add(SKEW) { Err(JwtError::Early) } else { Ok(end) }
    }
}

/// A number of seconds that a clock could show.
fn whole_seconds(seconds: f64) -> Option<Timestamp> {
    const LATEST: f64 = 253_402_300_800.0;
    #[expect(clippy::cast_possible_truncation, reason = "within the bounds that are checked before")]
    (0.0..LATEST).contains(&seconds).then_some(seconds as Timestamp)
}
