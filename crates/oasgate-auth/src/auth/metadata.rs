//! The two documents by which clients find the way in: of the resource (RFC 9728), and of the authorization server
//! (RFC 8414). Made beforehand, in every form that they take; they wait for nobody.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::broker::endpoints::{AUTHORIZE, Endpoints, REGISTER, REVOKE, TOKEN};
use crate::settings::{Broker, Inbound, Registration, Settings};

/// How clients prove who they are (RFC 8414, 2).
const AUTH_METHODS: [&str; 4] = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];
/// What their assertions are signed by.
const SIGNING: [&str; 4] = ["ES256", "RS256", "EdDSA", "PS256"];

/// The metadata of the resource (RFC 9728, 2). None where keys are all that is taken: nobody can sign in there.
pub(super) fn resource(settings: &Settings, own: Option<&Endpoints>) -> Option<Bytes> {
    let inbound = &settings.inbound;
    let servers: Vec<&str> = own.map(Endpoints::issuer).into_iter().chain(issuers(inbound)).collect();
    if servers.is_empty() {
        return None;
    }
    let scopes = settings.told_scopes();
    let mut document = Map::new();
    let mut set = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    set("resource", json!(settings.public_url.resource()));
    set("authorization_servers", json!(servers));
    if !scopes.is_empty() {
        set("scopes_supported", json!(scopes));
    }
    set("bearer_methods_supported", json!(["header"]));
    set("resource_name", json!(settings.name));
    for (name, url) in &settings.links {
        set(name, json!(url));
    }
    Some(Bytes::from(Value::Object(document).to_string()))
}

/// The authorization servers of others whose tokens are taken.
pub(super) fn issuers(inbound: &Inbound) -> Vec<&str> {
    let Some(trusted) = &inbound.resource_server else { return Vec::new() };
    let asked = trusted.introspection.iter().map(|introspection| introspection.issuer.as_str());
    trusted.issuers.iter().map(|issuer| issuer.issuer.as_str()).chain(asked).collect()
}

/// Whether clients may name themselves by the URL of a document (draft-ietf-oauth-client-id-metadata-document).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Documents {
    Fetched,
    OutOfReach,
}

/// The metadata of the authorization server (RFC 8414, 2).
pub(super) fn server(rules: &Broker, endpoints: &Endpoints, documents: Documents) -> Bytes {
    let mut document = Map::new();
    let mut set = |name: &str, value: Value| drop(document.insert(name.to_owned(), value));
    set("issuer", json!(endpoints.issuer()));
    set("authorization_endpoint", json!(endpoints.url(AUTHORIZE)));
    set("token_endpoint", json!(endpoints.url(TOKEN)));
    if !matches!(rules.registration, Registration::Off) {
        set("registration_endpoint", json!(endpoints.url(REGISTER)));
    }
    set("revocation_endpoint", json!(endpoints.url(REVOKE)));
    set("response_types_supported", json!(["code"]));
    set("response_modes_supported", json!(["query"]));
    set("grant_types_supported", json!(grant_types(rules)));
    set("code_challenge_methods_supported", json!(["S256"]));
    set("token_endpoint_auth_methods_supported", json!(AUTH_METHODS));
    set("token_endpoint_auth_signing_alg_values_supported", json!(SIGNING));
    set("revocation_endpoint_auth_methods_supported", json!(AUTH_METHODS));
    set("revocation_endpoint_auth_signing_alg_values_supported", json!(SIGNING));
    // RFC 9207, 3
    set("authorization_response_iss_parameter_supported", json!(true));
    set("client_id_metadata_document_supported", json!(documents == Documents::Fetched));
    // Some clients ask for all that stands here: no more than is meant to be asked for.
    let offline = "offline_access".to_owned();
    set("scopes_supported", json!(rules.scopes.iter().chain([&offline]).collect::<Vec<_>>()));
    Bytes::from(Value::Object(document).to_string())
}

fn grant_types(rules: &Broker) -> Vec<&'static str> {
    let mut types = vec!["authorization_code", "refresh_token"];
    if rules.clients.values().any(|client| client.client_credentials) {
        types.push("client_credentials");
    }
    if !rules.trusted_idps.is_empty() {
        types.push(crate::broker::JWT_BEARER);
    }
    types
}
