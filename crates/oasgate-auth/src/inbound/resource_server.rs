//! Tokens of other authorization servers: JWTs for us (RFC 9068, 4; RFC 8725, 3), and opaque ones.

use std::collections::BTreeSet;
use std::sync::Arc;

use moka::sync::Cache;

use super::Denied;
use super::introspection::Introspector;
use crate::jwt::{Algorithm, Claims, Unverified, Verified};
use crate::provider::{ProviderError, RemoteKeys, is_safe};
use crate::random;
use crate::settings::{self, Issuer, Scope, Settings, implied};
use crate::{Clock, Identity, Parts, Presented, PublicUrl, Secret, SetupError, Timestamp};

/// How long what was found out about a token holds, in seconds: so long may it be used after it was revoked.
const KEPT_FOR: Timestamp = 60;
/// How long that an opaque token is good for nothing holds, in seconds: it is asked about no more often than that.
const REFUSED_FOR: Timestamp = 5;
const KEPT: u64 = 10_000;
/// When to try again if an issuer's keys cannot be had for another reason than time, in seconds.
const RETRY: u64 = 30;

/// The check of tokens that others have issued.
#[derive(Debug)]
pub(super) struct ResourceServer {
    issuers: Vec<Trusted>,
    introspection: Option<Introspector>,
    known: Cache<String, Arc<Bearer>>,
    /// Opaque tokens that were refused, why, and until when that holds.
    refused: Cache<String, (Denied, Timestamp)>,
    scopes: Vec<Scope>,
    clock: Clock,
}

#[derive(Debug)]
struct Trusted {
    issuer: String,
    audience: Audience,
    algorithms: Vec<Algorithm>,
    subject_claim: Option<String>,
    keys: RemoteKeys,
}

/// Whom tokens must be for (RFC 9068, 4; RFC 8707, 2).
#[derive(Debug)]
pub(super) enum Audience {
    /// Us, by our resource identifier.
    Own(PublicUrl),
    /// Us, by the name that the operator knows us by there.
    Told(String),
}

impl Audience {
    pub(super) fn new(told: Option<&str>, own: &PublicUrl) -> Self {
        told.map_or_else(|| Self::Own(own.clone()), |told| Self::Told(told.to_owned()))
    }

    /// Whether a token is for it, among others perhaps.
    pub(super) fn is_among(&self, claims: &Claims) -> bool {
        claims.audience().into_iter().any(|audience| match self {
            Self::Own(own) => own.is(audience),
            Self::Told(told) => audience == told,
        })
    }
}

/// Whose a token is, and what it is good for.
#[derive(Debug)]
pub(super) struct Bearer {
    principal: Arc<str>,
    client: Option<Arc<str>>,
    scopes: Option<BTreeSet<String>>,
    until: Timestamp,
}

impl ResourceServer {
    /// # Errors
    /// An algorithm, an issuer or a private key that cannot be.
    pub(super) fn new(
        trusted: &settings::ResourceServer,
        settings: &Settings,
        parts: &Parts,
    ) -> Result<Self, SetupError> {
        let resource = &settings.public_url;
        let issuers = trusted.issuers.iter().map(|issuer| Trusted::new(issuer, resource, parts));
        let introspection = trusted.introspection.as_ref();
        Ok(Self {
            issuers: issuers.collect::<Result<_, _>>()?,
            introspection: introspection
                .map(|asked| Introspector::new(asked, resource, parts))
                .transpose()?,
            known: Cache::new(KEPT),
            refused: Cache::new(KEPT),
            scopes: settings.scopes.clone(),
            clock: parts.clock.clone(),
        })
    }

    /// Whose a JWT is.
    pub(super) async fn identify_jwt(&self, token: &Secret) -> Result<Identity, Denied> {
        if let Some(known) = self.known(token) {
            return Ok(known.identify(token));
        }
        let jwt = Unverified::parse(token.expose()).map_err(|error| Denied::invalid(error.to_string()))?;
        let issuer = jwt.claimed_issuer().unwrap_or_default();
        // Byte for byte: an issuer that differs in a `/` is another one (RFC 8414, 3.3).
        if let Some(trusted) = self.issuers.iter().find(|trusted| trusted.issuer == issuer) {
            let bearer = trusted.check(jwt, self.clock.now()).await?;
            return Ok(self.remember(token, bearer).identify(token));
        }
        match &self.introspection {
            Some(introspection) if introspection.speaks_for(issuer) => self.ask(introspection, token).await,
            _ => Err(Denied::invalid("its issuer is not one that this server trusts")),
        }
    }

    /// Whose a token is that says nothing itself.
    pub(super) async fn identify_opaque(&self, token: &Secret) -> Result<Identity, Denied> {
        match (&self.introspection, self.known(token)) {
            (None, _) => Err(Denied::invalid("it is nothing that this server accepts")),
            (Some(_), Some(known)) => Ok(known.identify(token)),
            (Some(introspection), None) => self.ask(introspection, token).await,
        }
    }

    /// Whose a token is, if that is known.
    pub(super) fn recall(&self, token: &Secret) -> Option<Identity> {
        self.known(token).map(|known| known.identify(token))
    }

    async fn ask(&self, introspection: &Introspector, token: &Secret) -> Result<Identity, Denied> {
        let (name, now) = (name(token), self.clock.now());
        if let Some((denied, until)) = self.refused.get(&name)
            && now < until
        {
            return Err(denied);
        }
        let bearer = introspection.ask(token, &name).await.inspect_err(|denied| {
            // Whatever else is wrong may be over at the next request.
            if let Denied::Invalid(_) = denied {
                self.refused.insert(name, (denied.clone(), now.saturating_add(REFUSED_FOR)));
            }
        })?;
        Ok(self.remember(token, bearer).identify(token))
    }

    fn known(&self, token: &Secret) -> Option<Arc<Bearer>> {
        self.known.get(&name(token)).filter(|bearer| self.clock.now() < bearer.until)
    }

    fn remember(&self, token: &Secret, mut bearer: Bearer) -> Arc<Bearer> {
        bearer.until = bearer.until.min(self.clock.now().saturating_add(KEPT_FOR));
        bearer.scopes = bearer.scopes.map(|scopes| implied(&self.scopes, &scopes));
        let bearer = Arc::new(bearer);
        self.known.insert(name(token), Arc::clone(&bearer));
        bearer
    }
}

impl Trusted {
    fn new(settings: &Issuer, resource: &PublicUrl, parts: &Parts) -> Result<Self, SetupError> {
        let name = &settings.issuer;
        for url in [Some(name), settings.jwks_uri.as_ref()].into_iter().flatten() {
            if !is_safe(url) {
                return Err(SetupError(format!("the issuer {name}: {url} must be an https URL")));
            }
        }
        let algorithms = settings.algorithms.iter().map(|algorithm| {
            let unknown =
                || SetupError(format!("the issuer {name}: `{algorithm}` is no algorithm for public keys"));
            Algorithm::parse(algorithm).ok_or_else(unknown)
        });
        Ok(Self {
            issuer: name.clone(),
            audience: Audience::new(settings.audience.as_deref(), resource),
            algorithms: algorithms.collect::<Result<_, _>>()?,
            subject_claim: settings.subject_claim.clone(),
            keys: RemoteKeys::new(settings, &parts.operator, &parts.clock),
        })
    }

    async fn check(&self, jwt: Unverified<'_>, now: Timestamp) -> Result<Bearer, Denied> {
        let keys = self.keys.having(jwt.kid()).await.map_err(unavailable)?;
        let invalid = |error: crate::jwt::JwtError| Denied::invalid(error.to_string());
        let Verified { typ, claims } = jwt.verify(&keys, &self.algorithms).map_err(invalid)?;
        let end = claims.check_time(now).map_err(invalid)?;
        if !self.audience.is_among(&claims) {
            return Err(Denied::invalid("it is not for this server: its `aud` is another"));
        }
        if !is_access_token(typ.as_deref(), &claims) {
            return Err(Denied::invalid("it is no access token"));
        }
        Bearer::of(&self.issuer, &claims, self.subject_claim.as_deref(), end)
    }
}

impl Bearer {
    /// Who it is about: the subject, or the client itself where there is no user.
    pub(super) fn of(
        issuer: &str,
        claims: &Claims,
        subject_claim: Option<&str>,
        until: Timestamp,
    ) -> Result<Self, Denied> {
        let client =
            ["client_id", "azp", "cid", "appid"].into_iter().find_map(|name| claims.identifier(name));
        let subject = claims.identifier(subject_claim.unwrap_or("sub"));
        // An issuer has no space in it, so that no two of them with their subjects are written alike.
        let principal = match (subject, &client) {
            (Some(subject), _) => format!("{issuer} user {subject}"),
            (None, Some(client)) if subject_claim.is_none() => format!("{issuer} client {client}"),
            _ => return Err(Denied::invalid("it does not say whose it is")),
        };
        let client = client.map(|client| format!("{issuer} {client}").into());
        Ok(Self { principal: principal.into(), client, scopes: claims.scopes(), until })
    }

    fn identify(&self, token: &Secret) -> Identity {
        let mut identity = Identity::new(Arc::clone(&self.principal), Presented::Jwt(token.clone()));
        identity.client.clone_from(&self.client);
        identity.scopes = self.scopes.clone().map(Arc::new);
        identity
    }
}

/// Whether a JWT that an issuer has signed for us is an access token. Some give it no type; no one gives it that of an
/// ID-JAG, of a logout token or of a client's assertion (RFC 8725, 3.11 and 3.12). ID tokens are of the common type, and
/// told by what only they have (OpenID Connect Core, 2 and 3.1.3.6).
pub(super) fn is_access_token(typ: Option<&str>, claims: &Claims) -> bool {
    let is_type = matches!(typ, None | Some("at+jwt" | "jwt"));
    let of_others = ["nonce", "at_hash", "c_hash", "s_hash", "events"];
    let says = |name: &str| claims.text(name).map(str::to_ascii_lowercase);
    let is_other = |told: Option<String>| {
        told.is_some_and(|told| {
            matches!(told.as_str(), "id" | "id_token" | "refresh" | "refresh_token" | "logout")
        })
    };
    // A token that is bound to a key is worth nothing without proof of the key (RFC 8705, 3; RFC 9449, 7.1).
    is_type
        && !of_others.iter().any(|name| claims.has(name))
        && !is_other(says("typ"))
        && !is_other(says("token_use"))
        && !claims.has("cnf")
}

/// Keys that cannot be had are not the caller's fault: signing in again would not help.
pub(super) fn unavailable(error: ProviderError) -> Denied {
    match error {
        ProviderError::Later { retry_after } => Denied::Later { retry_after },
        error @ (ProviderError::Refused { .. } | ProviderError::Unusable(_)) => {
            tracing::error!(%error, "an authorization server cannot be used to check tokens");
            Denied::Later { retry_after: RETRY }
        }
    }
}

/// What a token is known by here: no cache holds one.
fn name(token: &Secret) -> String {
    random::sha256(token.expose())
}
