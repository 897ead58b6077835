//! Who may call.

use std::collections::BTreeMap;
use std::time::Duration;

use oasgate_auth::{
    ApiKeys, Broker, Cimd, ClientAuth, Consent, Inbound, Introspection, Issuer, KeyPlace, Leg,
    MachineClients, OAuthLeg, PasteLeg, PortalLeg, Provider, PublicUrl, Registration, ResourceServer,
    TrustedIdp, Verification,
};
use regex::Regex;

use super::Work;
use crate::config::auth::{self, Proof, SecretStyle};
use crate::config::value::Lifetime;

/// Where clients that name themselves by a URL are from, unless the operator says otherwise.
const CIMD_HOSTS: [&str; 5] = ["claude.ai", "claude.com", "chatgpt.com", "vscode.dev", "zed.dev"];
/// Applications that have registered a scheme of their own with the system, and are redirected to by it.
const REDIRECT_SCHEMES: [&str; 5] = ["cursor", "vscode", "vscode-insiders", "windsurf", "zed"];
const ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

impl Work<'_> {
    pub(super) fn inbound(&mut self) -> Inbound {
        let file = &self.config.file.auth.inbound;
        Inbound {
            api_key: file.api_key.as_ref().and_then(|keys| self.api_keys(keys)),
            resource_server: file.resource_server.as_ref().map(|server| self.resource_server(server)),
            broker: file.broker.as_ref().and_then(|broker| self.broker(broker)),
        }
    }

    fn api_keys(&mut self, keys: &auth::ApiKey) -> Option<ApiKeys> {
        let places = keys.headers.iter().filter_map(|place| self.place(place)).collect();
        // As a whole: what merely contains something that looks like a key is none.
        let Ok(pattern) = Regex::new(&format!("^(?:{})$", keys.pattern)) else {
            self.wrong("`auth.inbound.api_key.pattern` is not a regular expression (of the crate regex)");
            return None;
        };
        let or = |told: Option<Lifetime>, usual| told.map_or(Duration::from_secs(usual), |told| told.0);
        Some(ApiKeys {
            places,
            pattern,
            verification: keys.verify.as_ref().map(|verify| Verification {
                ttl: or(verify.ttl, 60),
                negative_ttl: or(verify.negative_ttl, 5),
            }),
            path: keys.path.clone(),
        })
    }

    fn place(&mut self, place: &str) -> Option<KeyPlace> {
        if let Some((field, scheme)) = place.split_once(':')
            && field.eq_ignore_ascii_case("authorization")
            && !scheme.is_empty()
        {
            return Some(KeyPlace::Authorization(scheme.to_owned()));
        }
        match place.parse() {
            Ok(name) if name != http::header::AUTHORIZATION => Some(KeyPlace::Header(name)),
            _ => {
                self.wrong(
                    "`auth.inbound.api_key.headers` takes `authorization:SCHEME` or the name of a header field",
                );
                None
            }
        }
    }

    fn resource_server(&mut self, server: &auth::ResourceServer) -> ResourceServer {
        if server.issuers.is_empty() && server.introspection.is_none() {
            self.wrong("`auth.inbound.resource_server` trusts nobody: it needs `issuers` or `introspection`");
        }
        let what = "auth.inbound.resource_server.introspection";
        ResourceServer {
            issuers: server.issuers.iter().map(issuer).collect(),
            introspection: server.introspection.as_ref().map(|asked| Introspection {
                url: asked.url.clone(),
                issuer: asked.issuer.clone(),
                client: Provider {
                    issuer: Some(asked.issuer.clone()),
                    token_endpoint: None,
                    revocation_endpoint: None,
                    client_id: asked.client_id.clone(),
                    auth: self.proof(&asked.proof, what),
                },
                audience: asked.audience.clone(),
                audience_may_be_missing: asked.danger_allow_missing_audience,
            }),
        }
    }

    /// How we prove to a token endpoint who we are.
    pub(super) fn proof(&mut self, proof: &Proof, what: &str) -> ClientAuth {
        if let Some(key) = &proof.private_key {
            let key = self.private_key(key, &format!("{what}.private_key"));
            let Some(key) = key else { return ClientAuth::None };
            return ClientAuth::PrivateKeyJwt {
                key,
                key_id: proof.key_id.clone(),
                algorithm: proof.algorithm.clone().unwrap_or_else(|| "ES256".to_owned()),
            };
        }
        let secret =
            proof.client_secret.as_ref().map(|secret| self.secret(secret, &format!("{what}.client_secret")));
        match (secret.flatten(), proof.client_auth) {
            (None, _) => ClientAuth::None,
            (Some(secret), Some(SecretStyle::Post)) => ClientAuth::Post(secret),
            (Some(secret), _) => ClientAuth::Basic(secret),
        }
    }

    fn broker(&mut self, broker: &auth::Broker) -> Option<Broker> {
        let or = |told: Option<Lifetime>, usual| told.map_or(Duration::from_secs(usual), |told| told.0);
        let leg = self.leg(broker);
        let clients =
            broker.clients.iter().map(|(id, client)| (id.clone(), self.client(id, client))).collect();
        let schemes = REDIRECT_SCHEMES.iter().map(|scheme| (*scheme).to_owned());
        Some(Broker {
            leg: leg?,
            scopes: broker.scopes.clone(),
            access_ttl: or(broker.access_ttl, 3600),
            refresh_ttl: or(broker.refresh_ttl, 30 * 24 * 3600),
            registration: self.registration(broker),
            cimd: self.cimd(broker),
            redirect_hosts: broker.redirect_hosts.clone(),
            redirect_schemes: schemes.chain(broker.redirect_schemes.iter().cloned()).collect(),
            consent: match broker.consent {
                Some(auth::Consent::Remember) => Consent::Remember,
                Some(auth::Consent::Always) | None => Consent::Always,
            },
            clients,
            issuer: broker.issuer.clone(),
            trusted_idps: broker.trusted_idps.iter().map(|idp| TrustedIdp { issuer: issuer(idp) }).collect(),
        })
    }

    fn leg(&mut self, broker: &auth::Broker) -> Option<Leg> {
        let auth::Broker { oauth, portal, paste, verify, .. } = broker;
        match (oauth, portal, paste) {
            (Some(oauth), None, None) => Some(Leg::OAuth(self.oauth(oauth))),
            (None, Some(portal), None) => Some(Leg::Portal(PortalLeg {
                url: portal.url.clone(),
                exchange_url: portal.exchange_url.clone(),
                client_id: portal.client_id.clone(),
                client_secret: portal
                    .client_secret
                    .as_ref()
                    .and_then(|secret| self.secret(secret, "auth.inbound.broker.portal.client_secret")),
                sign_in_origins: portal.sign_in_origins.clone(),
            })),
            (None, None, Some(paste)) => {
                if verify.is_none() {
                    self.wrong(
                        "`auth.inbound.broker.verify` is needed with `paste`: what is pasted is tried before it is taken",
                    );
                }
                Some(Leg::Paste(PasteLeg {
                    help_url: paste.help_url.clone(),
                    label: paste.label.clone().unwrap_or_else(|| "API key".to_owned()),
                }))
            }
            _ => {
                self.wrong("`auth.inbound.broker` needs exactly one of `oauth`, `portal` and `paste`: how users show who they are");
                None
            }
        }
    }

    fn oauth(&mut self, oauth: &auth::OAuth) -> OAuthLeg {
        if oauth.issuer.is_none()
            && (oauth.authorization_endpoint.is_none() || oauth.token_endpoint.is_none())
        {
            self.wrong(
                "`auth.inbound.broker.oauth` needs `issuer`, or both `authorization_endpoint` and `token_endpoint`",
            );
        }
        let subject = || oauth.userinfo_subject.clone().unwrap_or_else(|| "sub".to_owned());
        OAuthLeg {
            provider: Provider {
                issuer: oauth.issuer.clone(),
                token_endpoint: oauth.token_endpoint.clone(),
                revocation_endpoint: oauth.revocation_endpoint.clone(),
                client_id: oauth.client_id.clone(),
                auth: self.proof(&oauth.proof, "auth.inbound.broker.oauth"),
            },
            authorization_endpoint: oauth.authorization_endpoint.clone(),
            scopes: oauth.scopes.clone(),
            extra: oauth.extra.clone(),
            resource: oauth.resource.clone(),
            pkce: oauth.pkce.unwrap_or(true),
            openid: oauth.openid,
            userinfo: oauth.userinfo.clone().map(|url| (url, subject())),
            sign_in_origins: oauth.sign_in_origins.clone(),
        }
    }

    fn registration(&mut self, broker: &auth::Broker) -> Registration {
        match (broker.registration, &broker.registration_token) {
            (Some(auth::Registration::Off), _) => Registration::Off,
            (Some(auth::Registration::Token), Some(token)) => {
                let token = self.secret(token, "auth.inbound.broker.registration_token");
                token.map_or(Registration::Off, Registration::Token)
            }
            (Some(auth::Registration::Token), None) => {
                self.wrong(
                    "`auth.inbound.broker.registration_token` is needed with `registration = \"token\"`",
                );
                Registration::Off
            }
            (Some(auth::Registration::Open) | None, _) => Registration::Open,
        }
    }

    fn cimd(&mut self, broker: &auth::Broker) -> Cimd {
        let pinned: BTreeMap<String, String> =
            broker.cimd_pinned.iter().filter_map(|path| self.pinned(path)).collect();
        match broker.cimd {
            Some(auth::Cimd::Off) => Cimd::Off,
            Some(auth::Cimd::Open) => Cimd::Open { pinned },
            told @ (Some(auth::Cimd::Allowlist) | None) => Cimd::Allowlist {
                hosts: broker.cimd_hosts.clone().unwrap_or_else(|| self.cimd_hosts(told.is_some())),
                pinned,
            },
        }
    }

    /// The hosts of documents, where none are named. A server that only its own machine reaches asks nobody on the web,
    /// unless it is told to: clients register there.
    fn cimd_hosts(&self, is_told: bool) -> Vec<String> {
        let public_url = self.config.file.public_url.as_deref().and_then(|url| PublicUrl::parse(url).ok());
        let is_here = public_url.is_some_and(|url| url.is_loopback());
        let hosts = if is_here && !is_told { &[] } else { CIMD_HOSTS.as_slice() };
        hosts.iter().map(|host| (*host).to_owned()).collect()
    }

    /// A metadata document at hand, by the client that it is of.
    fn pinned(&mut self, path: &str) -> Option<(String, String)> {
        let text = self.text(path, "auth.inbound.broker.cimd_pinned")?;
        let document: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let id = document.as_ref().and_then(|document| document.get("client_id")?.as_str());
        if id.is_none() {
            self.wrong(format!(
                "`auth.inbound.broker.cimd_pinned`: {path} is no metadata document: it has no `client_id`"
            ));
        }
        Some((id?.to_owned(), text))
    }

    fn client(&mut self, id: &str, client: &auth::Client) -> MachineClients {
        let what = format!("auth.inbound.broker.clients.{id}");
        if client.client_credentials && client.secret.is_none() && client.jwks.is_none() {
            self.wrong(format!(
                "`{what}` acts for itself, and needs a `secret` or `jwks` to prove who it is"
            ));
        }
        MachineClients {
            name: client.name.clone(),
            secret: client.secret.as_ref().and_then(|secret| self.secret(secret, &format!("{what}.secret"))),
            jwks: client.jwks.as_ref().and_then(|path| self.text(path, &format!("{what}.jwks"))),
            redirect_uris: client.redirect_uris.clone(),
            client_credentials: client.client_credentials,
            scopes: client.scopes.clone(),
        }
    }
}

fn issuer(told: &auth::Issuer) -> Issuer {
    let algorithms = if told.algorithms.is_empty() {
        ALGORITHMS.iter().map(|name| (*name).to_owned()).collect()
    } else {
        told.algorithms.clone()
    };
    Issuer {
        issuer: told.issuer.clone(),
        audience: told.audience.clone(),
        jwks_uri: told.jwks_uri.clone(),
        algorithms,
        subject_claim: told.subject_claim.clone(),
    }
}
