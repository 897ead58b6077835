//! What the file means: the settings of oasgate-auth, with every secret at hand, and what is refused beforehand.

mod combination;
mod inbound;
mod outbound;

use std::collections::BTreeMap;
use std::path::PathBuf;

use oasgate_auth::{Limits, PublicUrl, Scope, Secret, Settings};

use super::auth::{Revoke, Verify};
use super::file::{self, Rate};
use super::value::SecretRef;
use super::{Config, ConfigError, Mistake};
use crate::credential::{self, Placement, Variables};

/// What is known when the file is given its meaning.
#[expect(missing_debug_implementations, reason = "the environment is nothing to print")]
pub struct Ground<'g> {
    /// The environment.
    pub variables: Variables<'g>,
    /// The title of the description.
    pub title: &'g str,
    /// The scopes that its operations need, and how many need each.
    pub scopes: &'g BTreeMap<String, usize>,
    /// How many operations there are.
    pub operations: usize,
}

/// A server that asks who calls.
#[derive(Debug)]
pub struct Prepared {
    /// Who may call, and what goes upstream for them.
    pub settings: Settings,
    /// Where grants are kept.
    pub keeping: Keeping,
    /// The master keys.
    pub keys: MasterKeys,
    /// How credentials are tried, if they are.
    pub trial: Option<Trial>,
    /// How minted keys are removed: operationId and argument.
    pub removal: Option<(String, String)>,
    /// Where the credential goes: by the description unless told.
    pub placement: Placement,
    /// Whether providers may be at private addresses.
    pub private_providers: bool,
}

/// The keys that seal what is kept.
#[derive(Debug)]
pub enum MasterKeys {
    /// These, newest first.
    Given(Vec<Secret>),
    /// Those of a file, one a line, newest first; it is made if it is not there.
    InFile(PathBuf),
    /// One that is gone with the process, as what it seals is.
    Ephemeral,
}

/// How a credential is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The operationId called with it.
    pub operation: String,
    /// A JSON pointer to what tells users apart.
    pub subject: Option<String>,
}

/// Where grants are kept.
#[derive(Debug)]
pub enum Keeping {
    /// In memory.
    Memory,
    /// In a SQLite file.
    Sqlite(PathBuf),
    /// In PostgreSQL, by connection string.
    Postgres(Secret),
}

impl Config {
    /// What the file says of who may call; none if it says nothing, and everybody may.
    ///
    /// # Errors
    /// Every mistake in it, at once: secrets that are not there, parts that are missing or do not go together.
    pub fn prepare(&self, ground: &Ground<'_>) -> Result<Option<Prepared>, ConfigError> {
        let mut work = Work { config: self, variables: ground.variables, mistakes: Vec::new() };
        if !self.asks() {
            if let Some(outbound) = &self.file.auth.outbound {
                work.check_open(outbound);
            }
            return work.end(None);
        }
        let public_url = work.public_url();
        let (inbound_settings, (outbound_settings, others)) = (work.inbound(), work.outbound());
        let keeping = work.keeping();
        let keys = work.master_keys(&keeping);
        let placement = work.placement();
        work.check_combination();
        work.check_trials();
        let Some(public_url) = public_url else { return work.end(None) };
        let verify = self.verify();
        let prepared = Prepared {
            settings: Settings {
                public_url,
                name: if ground.title.is_empty() { "this API".to_owned() } else { ground.title.to_owned() },
                links: self.links(),
                inbound: inbound_settings,
                outbound: outbound_settings,
                others,
                scopes: self.scopes(ground.scopes),
                operations: ground.operations,
                limits: self.limits(),
                trusted_proxies: self.trusted_proxies(),
                environment: self.file.environment.clone(),
            },
            keeping,
            keys,
            trial: verify
                .map(|verify| Trial { operation: verify.operation.clone(), subject: verify.subject.clone() }),
            removal: self
                .file
                .auth
                .inbound
                .broker
                .as_ref()
                .and_then(|broker| broker.revoke.as_ref())
                .map(|Revoke { operation, argument }| (operation.clone(), argument.clone())),
            placement,
            private_providers: self.file.danger_allow_private_providers,
        };
        work.end(Some(prepared))
    }

    /// How credentials are tried: in one way, see [`Work::check_trials`].
    fn verify(&self) -> Option<&Verify> {
        let inbound = &self.file.auth.inbound;
        let of_keys = inbound.api_key.as_ref().and_then(|keys| keys.verify.as_ref());
        of_keys.or_else(|| inbound.broker.as_ref().and_then(|broker| broker.verify.as_ref()))
    }

    fn links(&self) -> BTreeMap<String, String> {
        let file::Links { documentation, policy, terms } = &self.file.links;
        let named = [
            ("resource_documentation", documentation),
            ("resource_policy_uri", policy),
            ("resource_tos_uri", terms),
        ];
        named.into_iter().filter_map(|(name, link)| Some((name.to_owned(), link.clone()?))).collect()
    }

    /// The scopes of the description, and those only the file knows.
    fn scopes(&self, described: &BTreeMap<String, usize>) -> Vec<Scope> {
        let told = &self.file.auth.scopes;
        let names = described.keys().chain(told.keys().filter(|name| !described.contains_key(*name)));
        names
            .map(|name| Scope {
                name: name.clone(),
                description: told.get(name).and_then(|scope| scope.description.clone()).unwrap_or_default(),
                operations: described.get(name).copied().unwrap_or_default(),
                implies: told.get(name).map(|scope| scope.implies.clone()).unwrap_or_default(),
            })
            .collect()
    }

    fn limits(&self) -> Limits {
        let usual = Limits::default();
        // Each replica counts for itself: all of them together let through what is said here.
        let replicas = u32::from(self.file.replicas.unwrap_or(1).max(1));
        let share =
            |(per_minute, burst): (u32, u32)| (per_minute.div_ceil(replicas), burst.div_ceil(replicas));
        let told =
            |rate: Option<Rate>, usual| share(rate.map_or(usual, |rate| (rate.per_minute, rate.burst)));
        let file::Limits { principal, client, address, registration, .. } = self.file.limits;
        Limits {
            principal: told(principal, usual.principal),
            client: told(client, usual.client),
            address: told(address, usual.address),
            registration: told(registration, usual.registration),
        }
    }
}

/// Settings in the making, and what was found wrong with them.
struct Work<'w> {
    config: &'w Config,
    variables: Variables<'w>,
    mistakes: Vec<Mistake>,
}

impl Work<'_> {
    fn end<T>(self, done: T) -> Result<T, ConfigError> {
        if self.mistakes.is_empty() { Ok(done) } else { Err(ConfigError(self.mistakes)) }
    }

    fn wrong(&mut self, message: impl Into<String>) {
        self.mistakes.push(self.config.mistake(message));
    }

    /// A secret of one line, from where the file says.
    fn secret(&mut self, from: &SecretRef, what: &str) -> Option<Secret> {
        let read = credential::read(&self.config.source(from), self.variables);
        self.had(read, what)
    }

    /// A private key, likewise.
    fn private_key(&mut self, from: &SecretRef, what: &str) -> Option<Secret> {
        let read = credential::read_pem(&self.config.source(from), self.variables);
        self.had(read, what)
    }

    fn had(&mut self, read: Result<Secret, credential::CredentialError>, what: &str) -> Option<Secret> {
        read.map_err(|error| self.wrong(format!("`{what}`: {error}"))).ok()
    }

    /// A file beside the configuration, as text.
    fn text(&mut self, path: &str, what: &str) -> Option<String> {
        match std::fs::read_to_string(self.config.path(path)) {
            Ok(text) => Some(text),
            Err(error) => {
                self.wrong(format!("`{what}`: {path} cannot be read: {error}"));
                None
            }
        }
    }

    /// A key that is shown and a key that is pasted are of one API: two ways to try them would have one of them forgotten.
    fn check_trials(&mut self) {
        let inbound = &self.config.file.auth.inbound;
        let of_keys = inbound.api_key.as_ref().and_then(|keys| keys.verify.as_ref());
        let of_broker = inbound.broker.as_ref().and_then(|broker| broker.verify.as_ref());
        if let (Some(keys), Some(broker)) = (of_keys, of_broker)
            && (&keys.operation, &keys.subject) != (&broker.operation, &broker.subject)
        {
            self.wrong(
                "`auth.inbound.api_key.verify` and `auth.inbound.broker.verify` say different things: one operation tries all \
                 credentials, and one `subject` tells users apart",
            );
        }
    }

    fn public_url(&mut self) -> Option<PublicUrl> {
        let Some(text) = &self.config.file.public_url else {
            self.wrong(
                "`public_url` is needed: the URL of the MCP endpoint as clients have it, which sign-in and keys are for, as in \
                 `public_url = \"https://mcp.example.com/mcp\"`",
            );
            return None;
        };
        match PublicUrl::parse(text) {
            Ok(url) => Some(url),
            Err(error) => {
                self.wrong(format!("`public_url`: {error}"));
                None
            }
        }
    }

    fn master_keys(&mut self, keeping: &Keeping) -> MasterKeys {
        let told = &self.config.file.keys;
        if !told.master.is_empty() {
            return MasterKeys::Given(
                told.master.iter().filter_map(|key| self.secret(key, "keys.master")).collect(),
            );
        }
        match (&told.file, keeping) {
            (Some(path), _) => MasterKeys::InFile(self.config.path(path)),
            (None, Keeping::Sqlite(store)) => MasterKeys::InFile(store.with_extension("keys")),
            (None, Keeping::Memory) => MasterKeys::Ephemeral,
            (None, Keeping::Postgres(_)) => {
                self.wrong("`keys.master` is needed: replicas that share a store must share its keys (`oasgate keys new` makes one)");
                MasterKeys::Ephemeral
            }
        }
    }

    fn keeping(&mut self) -> Keeping {
        let shared = self.config.file.replicas.is_some_and(|replicas| replicas > 1);
        let keeping = match &self.config.file.store {
            None => Keeping::Sqlite(self.config.path("oasgate.db")),
            Some(file::Store::Memory {}) => Keeping::Memory,
            Some(file::Store::Sqlite { path }) => {
                Keeping::Sqlite(self.config.path(path.as_deref().unwrap_or("oasgate.db")))
            }
            Some(file::Store::Postgres { url }) => {
                let url = self.secret(url, "store.url");
                return Keeping::Postgres(url.unwrap_or_else(|| Secret::new("")));
            }
        };
        if shared {
            self.wrong(
                "`replicas`: more than one process needs a store that all of them reach: `store = { kind = \"postgres\", url = \
                 \"env:DATABASE_URL\" }`",
            );
        }
        keeping
    }
}
