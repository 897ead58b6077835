//! Which parameters carry credentials: they are the operator's to give, and never a model's.

use oasgate_spec::{Api, ApiKeyPlace, Operation, Parameter, Place, SchemeKind};

use crate::SchemeUse;

/// The alternatives of which one must be satisfied.
pub(super) fn alternatives(api: &Api, operation: &Operation) -> Vec<Vec<SchemeUse>> {
    let mut alternatives: Vec<Vec<SchemeUse>> = operation
        .security
        .iter()
        .map(|requirement| {
            let schemes = requirement.0.iter();
            schemes
                .map(|(scheme, scopes)| SchemeUse { scheme: scheme.clone(), scopes: scopes.clone() })
                .collect()
        })
        .collect();
    // A key that is declared as a scheme but only listed as a parameter is asked for all the same.
    for parameter in &operation.parameters {
        let Some(scheme) = carried(api, operation, parameter) else { continue };
        if alternatives.iter().flatten().any(|own| own.scheme == scheme) {
            continue;
        }
        if alternatives.is_empty() {
            alternatives.push(Vec::new());
        }
        for alternative in &mut alternatives {
            alternative.push(SchemeUse { scheme: scheme.to_owned(), scopes: Vec::new() });
        }
    }
    alternatives
}

/// The API key scheme that this parameter carries: one that the operation asks for, or any if it asks for none. Beside
/// another scheme that is asked for, it is a parameter like others.
pub(super) fn carried<'a>(api: &'a Api, operation: &Operation, parameter: &Parameter) -> Option<&'a str> {
    let is_asked = |name: &str| operation.security.iter().any(|requirement| requirement.0.contains_key(name));
    let asks_for_none = operation.security.iter().all(|requirement| requirement.0.is_empty());
    let carries = |kind: &SchemeKind| match kind {
        SchemeKind::ApiKey { place: ApiKeyPlace::Header, name } => {
            parameter.place == Place::Header && name.eq_ignore_ascii_case(&parameter.name)
        }
        SchemeKind::ApiKey { place: ApiKeyPlace::Query, name } => {
            parameter.place == Place::Query && *name == parameter.name
        }
        SchemeKind::ApiKey { place: ApiKeyPlace::Cookie, name } => {
            parameter.place == Place::Cookie && *name == parameter.name
        }
        _ => false,
    };
    let mut schemes = api.security_schemes.iter();
    let found = schemes.find(|(name, scheme)| (asks_for_none || is_asked(name)) && carries(&scheme.kind));
    found.map(|(name, _)| name.as_str())
}
