//! Values of the file that have a form of their own: where a secret is, how long something lives, and which addresses
//! are meant.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::credential::SecretSource;

/// Where a secret is. What is written instead of that may be a secret itself, and is never repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRef(pub SecretSource);

/// A length of time: a number and `s`, `m`, `h` or `d`, as in `90s`, `1h`, `30d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime(pub Duration);

/// Addresses: one, or a network of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(pub IpNet);

const SECRET: &str =
    "a secret does not belong into the file: write `env:NAME` or `file:PATH`, which say where it is";
const NETWORK: &str = "an address or a network, as in `10.0.0.1` or `10.0.0.0/8`";
const TIME: &str = "a length of time: a number and `s`, `m`, `h` or `d`, as in `90s` or `30d`";

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Blind)
    }
}

/// Takes a text that names a source, and refuses everything else in the same words.
struct Blind;

impl<'de> Visitor<'de> for Blind {
    type Value = SecretRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SECRET)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SecretRef, E> {
        text.parse().map(SecretRef).map_err(|()| E::custom(SECRET))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<SecretRef, E> {
        Err(E::custom(SECRET))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<SecretRef, E> {
        Err(E::custom(SECRET))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<SecretRef, E> {
        Err(E::custom(SECRET))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<SecretRef, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Err(A::Error::custom(SECRET))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<SecretRef, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Err(A::Error::custom(SECRET))
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unit = text.chars().next_back().and_then(|unit| match unit {
            's' => Some(1),
            'm' => Some(60),
            'h' => Some(3600),
            'd' => Some(24 * 3600),
            _ => None,
        });
        let number = text.get(..text.len().saturating_sub(1)).and_then(|number| number.parse::<u32>().ok());
        match number.zip(unit) {
            Some((number, unit)) => Ok(Self(Duration::from_secs(u64::from(number) * unit))),
            None => Err(D::Error::custom(TIME)),
        }
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        network.map(Self).ok_or_else(|| D::Error::custom(NETWORK))
    }
}

impl JsonSchema for SecretRef {
    fn schema_name() -> Cow<'static, str> {
        "SecretRef".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Where a secret is: `env:NAME` or `file:PATH`.",
            "type": "string",
            "pattern": "^(env|file):.+$",
        })
    }
}

impl JsonSchema for Network {
    fn schema_name() -> Cow<'static, str> {
        "Network".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An address, or a network of them: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`.",
            "type": "string",
        })
    }
}

impl JsonSchema for Lifetime {
    fn schema_name() -> Cow<'static, str> {
        "Lifetime".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time, as in `90s`, `15m`, `1h`, `30d`.",
            "type": "string",
            "pattern": "^[0-9]+[smhd]$",
        })
    }
}
