//! What a description says of where to sign in (OpenAPI 3.2, 4.27 and 4.28).

use oasgate_auth::login::Plan;
use oasgate_spec::{Scheme, SchemeKind};
use serde_json::Value;

/// Where OpenID Connect Discovery 1.0, 4 puts the metadata of an issuer.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Whether one can sign in for a scheme: whether its credential is a token.
#[must_use]
pub fn is_signable(scheme: &Scheme) -> bool {
    matches!(scheme.kind, SchemeKind::OAuth2(_) | SchemeKind::OpenIdConnect(_) | SchemeKind::Bearer)
}

/// What the description says of it. What it does not say, the user must.
#[must_use]
pub fn plan(scheme: &Scheme) -> Plan {
    match &scheme.kind {
        SchemeKind::OAuth2(flows) => of_flows(flows),
        SchemeKind::OpenIdConnect(url) => Plan {
            issuer: url.strip_suffix(WELL_KNOWN).map(str::to_owned),
            scopes: vec!["openid".to_owned(), "offline_access".to_owned()],
            ..Plan::default()
        },
        _ => Plan::default(),
    }
}

fn of_flows(flows: &Value) -> Plan {
    let (code, device) = (flows.get("authorizationCode"), flows.get("deviceAuthorization"));
    let text = |flow: Option<&Value>, name: &str| flow?.get(name)?.as_str().map(str::to_owned);
    let scopes = code.or(device).and_then(|flow| flow.get("scopes")?.as_object());
    Plan {
        authorization_endpoint: text(code, "authorizationUrl"),
        token_endpoint: text(code, "tokenUrl").or_else(|| text(device, "tokenUrl")),
        device_authorization_endpoint: text(device, "deviceAuthorizationUrl"),
        scopes: scopes.map(|scopes| scopes.keys().cloned().collect()).unwrap_or_default(),
        ..Plan::default()
    }
}
