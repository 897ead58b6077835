//! Tokens without a grant: for a client that acts for itself (RFC 6749, 4.4), and for a user whom an identity provider
//! vouches for (draft-ietf-oauth-identity-assertion-authz-grant). Neither gets a refresh token.

use serde_json::{Value, json};

use super::client::{Client, Proof};
use super::error::OAuthError;
use super::form::Form;
use super::records::AccessRecord;
use super::{Broker, assertion, authorize, grant};
use crate::Expect;
use crate::jwt::{Claims, Unverified};
use crate::provider::{ProviderError, RemoteKeys};
use crate::random;
use crate::token::{Token, TokenKind};

/// An identity provider whose assertions are taken.
#[derive(Debug)]
pub(crate) struct Idp {
    pub(crate) issuer: String,
    pub(crate) keys: RemoteKeys,
}

/// The type of an identity assertion (the draft, 3).
const ID_JAG: &str = "oauth-id-jag+jwt";

/// RFC 6749, 4.4.2.
pub(crate) async fn client_credentials(
    broker: &Broker,
    client: &Client,
    form: &Form,
) -> Result<Value, OAuthError> {
    let own = client.machine_scopes.as_ref().ok_or_else(|| {
        OAuthError::new("unauthorized_client", "the operator has not allowed this client to act for itself")
    })?;
    authorize::check_resource(broker, form)?;
    let scopes = super::scopes::narrow(own, form.get("scope")?)?;
    give(broker, client, format!("client:{}", client.id), scopes).await
}

/// The draft, 4.3: the identity provider says who the user is, and that this client may act for them here.
pub(crate) async fn jwt_bearer(broker: &Broker, client: &Client, form: &Form) -> Result<Value, OAuthError> {
    // The draft, 4.3.1: the client of the assertion is the one that sends it; that must have been proven.
    if matches!(client.proof, Proof::None) {
        return Err(OAuthError::new(
            "unauthorized_client",
            "this grant is for clients that prove who they are",
        ));
    }
    authorize::check_resource(broker, form)?;
    let refused = |why: &str| OAuthError::invalid_grant(format!("the assertion is not accepted: {why}"));
    let token = Unverified::parse(form.need("assertion")?).map_err(|error| refused(&error.to_string()))?;
    let idp = broker.idps.iter().find(|idp| Some(idp.issuer.as_str()) == token.claimed_issuer());
    let idp = idp.ok_or_else(|| refused("its issuer is not trusted here"))?;
    let keys = idp.keys.having(token.kid()).await.map_err(|error| match error {
        ProviderError::Later { retry_after } => {
            OAuthError::later("the identity provider does not answer", retry_after)
        }
        ProviderError::Refused { .. } | ProviderError::Unusable(_) => refused("its issuer shows no keys"),
    })?;
    let verified =
        token.verify(&keys, &assertion::ALGORITHMS).map_err(|error| refused(&error.to_string()))?;
    if verified.typ.as_deref() != Some(ID_JAG) {
        return Err(refused("its `typ` is not `oauth-id-jag+jwt`"));
    }
    let claims = verified.claims;
    check(broker, client, &claims).map_err(refused)?;
    let subject = claims.identifier("sub").ok_or_else(|| refused("it has no `sub`"))?;
    let scopes = scopes(broker, &claims, form.get("scope")?)?;
    if !assertion::use_up(broker, &idp.issuer, &claims).await? {
        return Err(refused("it has run out, lives too long, or has been used"));
    }
    give(broker, client, grant::principal_of(&idp.issuer, &subject), scopes).await
}

/// Whom the assertion is for: exactly us, this client, and this resource.
fn check(broker: &Broker, client: &Client, claims: &Claims) -> Result<(), &'static str> {
    if claims.audience() != [broker.endpoints.issuer()] {
        return Err("its `aud` is not this server alone");
    }
    if claims.text("client_id") != Some(&client.id) {
        return Err("its `client_id` is another client's");
    }
    // MCP, Enterprise-Managed Authorization, 5.1: the token is for the server that `resource` names. One that names none
    // (4.3 lets it) would be good at every server that shares the issuer.
    if !claims.text("resource").is_some_and(|resource| broker.settings.public_url.is(resource)) {
        return Err("its `resource` is not this server's");
    }
    // What would bind or restrict it must be understood, and is not.
    if claims.has("cnf") || claims.has("authorization_details") {
        return Err("it has `cnf` or `authorization_details`, which this server does not know");
    }
    Ok(())
}

/// What the assertion grants, narrowed by what is asked for; all there is if it says nothing.
fn scopes(broker: &Broker, claims: &Claims, asked: Option<&str>) -> Result<Vec<String>, OAuthError> {
    let all = broker.scopes.all();
    let granted: Vec<String> = match claims.scopes() {
        Some(told) => all.iter().filter(|scope| told.contains(*scope)).cloned().collect(),
        None => all.to_vec(),
    };
    super::scopes::narrow(&granted, asked)
}

async fn give(
    broker: &Broker,
    client: &Client,
    principal: String,
    scopes: Vec<String>,
) -> Result<Value, OAuthError> {
    let token = Token::mint(TokenKind::Access, &broker.keyring);
    let record = AccessRecord {
        grant: None,
        client: client.id.to_string(),
        principal,
        scopes,
        wrapped: Vec::new(),
        retires: None,
    };
    let locator = token.locator(&broker.keyring).unwrap_or_else(random::secret);
    let seconds = broker.access_ttl();
    let write = broker.shelf.put(&locator, &record, None, seconds, Expect::Absent);
    let _made = broker.shelf.commit(vec![write]).await?;
    tracing::info!(client = %client.id, principal = record.principal, "token given without a grant");
    Ok(json!({
        "access_token": token.expose(),
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": record.scopes.join(" "),
    }))
}
