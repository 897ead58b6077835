//! What to tell when the upstream refuses a call for want of a credential: to the model, that no argument mends it; to
//! the operator, which credential, and how to give it.

use std::fmt::Write as _;

use http::StatusCode;

use super::{Choice, Credentials, State};

impl Credentials {
    /// Advice on a 401 or 403, if that is what the upstream answered.
    #[must_use]
    pub fn advice(&self, choice: &Choice<'_>, status: StatusCode) -> Option<String> {
        if status != StatusCode::UNAUTHORIZED && status != StatusCode::FORBIDDEN {
            return None;
        }
        if !choice.is_empty() || !self.headers.is_empty() {
            return Some(self.refused(choice, status));
        }
        let alternatives: Vec<String> = choice
            .alternatives
            .iter()
            .filter(|schemes| !schemes.is_empty())
            .map(|schemes| self.ways(schemes))
            .collect();
        let way = if alternatives.is_empty() {
            "The API's description declares none for this operation; the operator of this server can add one with \
             --credential bearer=env:VARIABLE or --header NAME=env:VARIABLE"
                .to_owned()
        } else {
            format!("The operator of this server must {}", alternatives.join(", or "))
        };
        Some(format!("The API asks for a credential and none was sent. {way}. No argument can mend this."))
    }

    /// Says which credentials were sent, and what they need to be good for.
    fn refused(&self, choice: &Choice<'_>, status: StatusCode) -> String {
        let mut text = "The API refused the credential".to_owned();
        let sources = choice.chosen.iter().filter_map(|(scheme, _)| match self.schemes.get(&scheme.scheme) {
            Some(State::Ready(_, source)) => Some(format!("`{}` from {source}", scheme.scheme)),
            Some(State::Own(_)) => Some(format!("`{}` of the user", scheme.scheme)),
            _ => None,
        });
        let own = choice.own.iter().map(|_| "that of the user".to_owned());
        let universal = choice.universal.map(|own| format!("`{}` from {}", own.name, own.source));
        let headers = self.headers().map(|(name, source)| format!("header `{name}` from {source}"));
        let sources: Vec<String> = sources.chain(own).chain(universal).chain(headers).collect();
        let _ = write!(text, " ({})", sources.join(", "));
        if status == StatusCode::UNAUTHORIZED {
            text.push_str(": it is wrong or has expired. The operator of this server must replace it; no argument can mend this.");
            return text;
        }
        text.push_str(" for this call");
        let scopes = choice.chosen.iter().flat_map(|(scheme, _)| &scheme.scopes);
        let scopes: Vec<&str> = scopes.map(String::as_str).collect();
        if !scopes.is_empty() {
            let _ = write!(text, ", which needs {}", scopes.join(", "));
        }
        text.push_str(". If it lacks a permission, the operator of this server must give one that has it.");
        text
    }

    /// How to give the credentials of one alternative.
    fn ways(&self, schemes: &[oasgate_tools::SchemeUse]) -> String {
        let ways = schemes.iter().filter_map(|scheme| {
            let name = &scheme.scheme;
            match self.schemes.get(name) {
                Some(State::Ready(..)) => None,
                Some(State::Own(_)) => Some(format!("let users sign in, or show a key, for `{name}`")),
                Some(State::Missing(variable)) => {
                    Some(format!("set {variable} (or --credential {name}=env:VARIABLE)"))
                }
                Some(State::Unsupported(reason)) => Some(format!("find another way than `{name}`: {reason}")),
                None => Some(format!(
                    "send what `{name}` stands for, which the description does not say, by --header"
                )),
            }
        });
        ways.collect::<Vec<_>>().join(" and ")
    }
}
