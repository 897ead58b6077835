//! `oasgate login` and `oasgate logout`: sign in where the API's users do, once, for all commands on this machine.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use oasgate_auth::login::{Client, LoginError, Plan, Session};
use oasgate_auth::{Clock, Fetch};
use tokio::time::{sleep, timeout};

use super::common::Spec;
use crate::credential::{Credentials, SecretSource, process, read};
use crate::description::{Description, Locate};
use crate::exit::{Exit, Failure};
use crate::fetch::Fetcher;
use crate::login::{self, Folder, Loopback, Place, is_signable, open, plan};
use crate::report::say;

/// How long a user may take in the browser.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Debug, Args)]
pub(super) struct Login {
    #[command(flatten)]
    whose: Whose,
    /// The authorization server, where the description does not say it: its issuer URL
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// Our client identifier there; one is registered unless named
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Its secret, if it has one: env:NAME or file:PATH
    #[arg(long, value_name = "SOURCE", requires = "client_id")]
    client_secret: Option<String>,
    /// What to ask for, instead of all that the description names (repeatable)
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// Sign in on another device (RFC 8628), as on a machine without a browser
    #[arg(long)]
    device: bool,
    /// Show the URL, and open no browser
    #[arg(long)]
    no_browser: bool,
}

#[derive(Debug, Args)]
pub(super) struct Logout {
    #[command(flatten)]
    whose: Whose,
}

#[derive(Debug, Args)]
struct Whose {
    #[command(flatten)]
    spec: Spec,
    /// The security scheme, where the description has several that one can sign in for
    #[arg(long, value_name = "NAME")]
    scheme: Option<String>,
}

pub(super) async fn login(arguments: Login) -> Result<Exit, Failure> {
    let (description, scheme, place) = arguments.whose.find().await?;
    let found = description.schemes.get(&scheme).map(plan).unwrap_or_default();
    let plan = arguments.complete(found)?;
    let fetch = fetcher()?;
    let session = if arguments.device {
        on_another_device(&plan, &fetch).await
    } else {
        in_the_browser(&plan, &fetch, !arguments.no_browser).await
    };
    let session = session.map_err(|error| Failure::Setup(error.to_string()))?;
    place.put(&session).await.map_err(unkept)?;
    say(&format!("Signed in: calls of {} use it for `{scheme}` from now on.", description.shown));
    Ok(Exit::Done)
}

pub(super) async fn logout(arguments: Logout) -> Result<Exit, Failure> {
    let (description, scheme, place) = arguments.whose.find().await?;
    let Some(session) = place.take().await.map_err(unkept)? else {
        say(&format!("Nobody was signed in to {} for `{scheme}`.", description.shown));
        return Ok(Exit::Done);
    };
    match session.revoke(&fetcher()?, &Clock::system()).await {
        Ok(()) => say("Signed out."),
        Err(error) => say(&format!("Signed out here; the authorization server may not know it: {error}")),
    }
    Ok(Exit::Done)
}

/// The sign-in that calls of this description use: for the first scheme that has one, and no credential at hand.
pub(super) fn of_user(
    description: &Description,
    credentials: &mut Credentials,
) -> Result<Option<login::Login>, Failure> {
    let Some(folder) = Folder::of_user(&process) else { return Ok(None) };
    let signable = description.schemes.iter().filter(|(_, scheme)| is_signable(scheme));
    for (name, _) in signable {
        let place = folder.place(&description.shown, name);
        if place.is_taken() && credentials.of_login(name, &description.schemes) {
            return Ok(Some(login::Login::new(name, place, fetcher()?, Clock::system())));
        }
    }
    Ok(None)
}

impl Whose {
    async fn find(&self) -> Result<(Description, String, Place), Failure> {
        let description = self.spec.load_only(Locate::FirstErrors(0)).await?.usable()?;
        let signable: Vec<&str> = description
            .schemes
            .iter()
            .filter(|(_, scheme)| is_signable(scheme))
            .map(|(name, _)| name.as_str())
            .collect();
        let scheme = match (&self.scheme, signable.as_slice()) {
            (Some(named), known) if known.contains(&named.as_str()) => named.clone(),
            (None, [only]) => (*only).to_owned(),
            (_, []) => {
                let message = "the description has no security scheme that one could sign in for (oauth2, openIdConnect, bearer)";
                return Err(Failure::Usage(message.to_owned()));
            }
            (_, known) => {
                return Err(Failure::Usage(format!("name one of these with --scheme: {}", known.join(", "))));
            }
        };
        let folder = Folder::of_user(&process).ok_or_else(|| {
            Failure::Setup("there is no folder to keep a sign-in in: set OASGATE_STATE".to_owned())
        })?;
        let place = folder.place(&description.shown, &scheme);
        Ok((description, scheme, place))
    }
}

impl Login {
    /// What the description says, and over it what the user says.
    fn complete(&self, found: Plan) -> Result<Plan, Failure> {
        let literal = || Failure::Usage("--client-secret takes env:NAME or file:PATH".to_owned());
        let secret = self
            .client_secret
            .as_deref()
            .map(|source| source.parse::<SecretSource>().map_err(|()| literal()));
        let secret = secret.transpose()?.map(|source| read(&source, &process));
        let secret = secret.transpose().map_err(|error| Failure::Setup(error.to_string()))?;
        // Who names the server means its endpoints, not those of the description.
        let base = match &self.issuer {
            Some(issuer) => Plan { issuer: Some(issuer.clone()), scopes: found.scopes, ..Plan::default() },
            None => found,
        };
        let scopes = if self.scope.is_empty() { base.scopes } else { self.scope.clone() };
        Ok(Plan { client_id: self.client_id.clone(), client_secret: secret, scopes, ..base })
    }
}

async fn in_the_browser(plan: &Plan, fetch: &Arc<dyn Fetch>, opens: bool) -> Result<Session, LoginError> {
    let nowhere =
        |error: std::io::Error| LoginError::Plan(format!("the browser could not come back: {error}"));
    let mut back = Loopback::listen().await.map_err(nowhere)?;
    let client = Client::prepare(plan, Some(&back.uri), fetch, &Clock::system()).await?;
    let browsing = client.browse(&back.uri)?;
    say(&format!("Sign in at\n\n  {}\n", browsing.url));
    if opens {
        open(&browsing.url);
    }
    let come_back = async {
        while let Some(query) = back.next().await {
            match client.finish(&browsing, &query).await {
                // Any page in the browser can send such a request; the right one is still to come.
                Err(LoginError::Foreign(why)) => tracing::warn!(why, "a request that is not of this sign-in"),
                ended => return ended,
            }
        }
        Err(LoginError::Over)
    };
    timeout(PATIENCE, come_back).await.unwrap_or(Err(LoginError::Over))
}

async fn on_another_device(plan: &Plan, fetch: &Arc<dyn Fetch>) -> Result<Session, LoginError> {
    let client = Client::prepare(plan, None, fetch, &Clock::system()).await?;
    if !client.has_device_flow() {
        return Err(LoginError::Plan(
            "the authorization server has no device flow: sign in without --device".to_owned(),
        ));
    }
    let mut device = client.device().await?;
    let at = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
    say(&format!("Sign in at\n\n  {at}\n\nThe code is {}", device.user_code));
    loop {
        sleep(Duration::from_secs(device.interval)).await;
        if let Some(session) = client.poll(&mut device).await? {
            return Ok(session);
        }
    }
}

fn fetcher() -> Result<Arc<dyn Fetch>, Failure> {
    Fetcher::operator(true).map_err(|error| Failure::Setup(error.to_string()))
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn unkept(error: std::io::Error) -> Failure {
    Failure::Setup(format!("the sign-in cannot be kept or removed: {error}"))
}
