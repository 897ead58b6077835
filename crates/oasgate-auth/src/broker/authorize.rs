//! `GET /authorize` (RFC 6749, 4.1.1): who asks, where the answer goes, and only then everything else.
//!
//! Until the client and its redirect URI are known to belong together, nothing is redirected: what is wrong then is said
//! on a page of ours (RFC 6749, 4.1.2.1).

use axum::http::request::Parts as Head;
use axum::response::Response;

use super::client::{Client, Proof};
use super::consent;
use super::error::OAuthError;
use super::form::Form;
use super::page::Refusal;
use super::records::Request;
use super::{Broker, redirect};
use crate::settings::Consent;

/// The bytes of a `state`: it is kept while its user signs in, and anybody can begin that.
const LONGEST_STATE: usize = 2048;

/// Answers with the page of consent.
pub(crate) async fn authorize(broker: &Broker, head: &Head) -> Result<Response, Refusal> {
    let form = Form::query(head.uri.query());
    let (client, redirect_uri) = whither(broker, &form).await?;
    let asked = match ask(broker, &client, &redirect_uri, &form) {
        Ok(asked) => asked,
        Err(error) => {
            // A state that is there twice is none.
            let state = form.get("state").ok().flatten();
            return Err(back(broker, &redirect_uri, state, error.code, &error.description));
        }
    };
    let always = broker.rules.consent == Consent::Always
        || !is_itself(&client, &redirect_uri)
        || form
            .get("prompt")
            .ok()
            .flatten()
            .is_some_and(|prompt| prompt.split(' ').any(|own| own == "consent"));
    if !always && consent::is_remembered(broker, &head.headers, &asked).await? {
        return consent::go_on(broker, &head.headers, &client, asked).await;
    }
    consent::show(broker, &head.headers, &client, asked).await
}

/// Whether an answer reaches this client and nobody else: it must prove itself when it takes the code, or nobody else has
/// its address. Any program of the machine can say that it is another, and listen where that does (RFC 8252, 8.6).
fn is_itself(client: &Client, redirect_uri: &str) -> bool {
    !matches!(client.proof, Proof::None) || redirect::is_of_a_host(redirect_uri)
}

/// The client, and where it is answered: what must be right before anything is redirected (RFC 6749, 3.1.2.4).
async fn whither(broker: &Broker, form: &Form) -> Result<(Client, String), Refusal> {
    let id = form.need("client_id")?;
    let client = broker.clients.find(id).await?.ok_or_else(|| {
        Refusal::page(
            "The application is not registered here, or has not been used for long. It must register again.",
        )
    })?;
    let redirect_uri =
        client.redirect_uri(form.get("redirect_uri")?, &broker.redirects).ok_or_else(|| {
            Refusal::page("The application wants to be answered at an address that it has not registered.")
        })?;
    Ok((client, redirect_uri))
}

/// What is asked for, if it can be granted.
fn ask(broker: &Broker, client: &Client, redirect_uri: &str, form: &Form) -> Result<Request, OAuthError> {
    let challenge = form.get("code_challenge")?;
    if form.need("response_type")? != "code" {
        return Err(OAuthError::new("unsupported_response_type", "`response_type` must be `code`"));
    }
    if form.get("response_mode")?.is_some_and(|mode| mode != "query") {
        return Err(OAuthError::invalid_request("`response_mode` must be `query`"));
    }
    // RFC 7636, 4.3: no method means `plain`, which protects nothing that could be seen (RFC 9700, 2.1.1).
    if form.get("code_challenge_method")? != Some("S256") {
        return Err(OAuthError::invalid_request("`code_challenge_method` must be `S256`"));
    }
    let challenge = challenge
        .filter(|own| is_challenge(own))
        .ok_or_else(|| OAuthError::invalid_request("`code_challenge` must be that of RFC 7636, 4.2"))?;
    check_resource(broker, form)?;
    let state = form.get("state")?;
    if state.is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(OAuthError::invalid_request("`state` is at most 2048 bytes long"));
    }
    Ok(Request {
        client: client.id.to_string(),
        redirect_uri: redirect_uri.to_owned(),
        redirect_named: form.get("redirect_uri")?.is_some(),
        state: state.map(str::to_owned),
        challenge: challenge.to_owned(),
        scopes: broker.scopes.grant(form.get("scope")?)?,
    })
}

/// That tokens are asked for us, or for nobody in particular (RFC 8707, 2).
///
/// # Errors
/// They are asked for somebody else.
pub(crate) fn check_resource(broker: &Broker, form: &Form) -> Result<(), OAuthError> {
    let own = &broker.settings.public_url;
    if form.all("resource").all(|resource| own.is(resource)) {
        return Ok(());
    }
    Err(OAuthError::new("invalid_target", format!("the resource of this server is {}", own.resource())))
}

/// Sends the browser back to the client with an error (RFC 6749, 4.1.2.1), and who says so (RFC 9207, 2).
pub(crate) fn back(
    broker: &Broker,
    redirect_uri: &str,
    state: Option<&str>,
    code: &str,
    description: &str,
) -> Refusal {
    let mut parameters = vec![("error", code), ("error_description", description)];
    parameters.extend(state.map(|state| ("state", state)));
    parameters.push(("iss", broker.endpoints.issuer()));
    match redirect::answer(redirect_uri, parameters) {
        Some(location) => Refusal::Back(location),
        None => Refusal::page("The application cannot be answered at its address."),
    }
}

/// 43 to 128 characters of RFC 3986's unreserved set (RFC 7636, 4.2).
fn is_challenge(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved)
}
