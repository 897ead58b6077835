//! The flags that several commands share: the description, and the way to the upstream.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use oasgate_tools::Profile;
use url::Url;

use super::choice::Choice;
use super::login;
use crate::cache::Cache;
use crate::call::{Caller, Files};
use crate::credential::{CredentialError, Credentials, process};
use crate::description::{Description, Locate, Order, overlay};
use crate::exit::Failure;
use crate::source::Source;
use crate::upstream::{Limits, Upstream};

/// The description, and how it becomes tools.
#[derive(Debug, Args)]
pub(super) struct Spec {
    /// The description: a file, an http(s) URL, or `-` for standard input
    spec: String,
    /// Where requests go, instead of the servers that the description names
    #[arg(long, value_name = "URL", value_parser = base_url)]
    base_url: Option<Url>,
    /// What input schemas may contain
    #[arg(long, value_enum, default_value_t)]
    profile: Schemas,
    /// The longest name a tool may have, in characters; some hosts take fewer than 64
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(16..=128))]
    name_limit: u16,
    /// Let references lead to this host on the web (repeatable)
    #[arg(long, value_name = "HOST")]
    allow_ref_host: Vec<String>,
    /// Change the description by this file (OpenAPI Overlay 1.0, 1.1) before it is read (repeatable, in this order)
    #[arg(long, value_name = "FILE")]
    overlay: Vec<String>,
    #[command(flatten)]
    choice: Choice,
}

/// The way to the upstream.
#[derive(Debug, Args)]
pub(super) struct Way {
    /// Where the credential of a security scheme comes from: SCHEME=env:NAME or SCHEME=file:PATH (repeatable);
    /// OASGATE_CREDENTIAL_<SCHEME> is read without this
    #[arg(long, value_name = "SCHEME=SOURCE")]
    credential: Vec<String>,
    /// A header field to send with every request: NAME=env:NAME or NAME=file:PATH (repeatable)
    #[arg(long, value_name = "NAME=SOURCE")]
    header: Vec<String>,
    /// Seconds a request may take; MCP hosts give up after about 65
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=3600))]
    timeout: u16,
    /// Bytes an answer may have, decompressed
    #[arg(long, value_name = "BYTES", default_value_t = 8 << 20)]
    max_response: usize,
    /// Bytes that the answers to all calls in flight may have together
    #[arg(long, value_name = "BYTES", default_value_t = Limits::DEFAULT.memory)]
    max_memory: usize,
    /// Characters of an answer that are shown; the rest is cut at the borders of JSON elements
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..))]
    max_characters: u32,
    /// Requests that may be in flight to one origin; others wait
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
    max_concurrent: u16,
    /// Bytes of answers that are kept as long as the API allows; 0 keeps none
    #[arg(long, value_name = "BYTES", default_value_t = 32 << 20)]
    cache_bytes: u64,
    /// Keep also answers to requests that carry credentials
    #[arg(long)]
    cache_credentialed: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Schemas {
    /// What every known host and model takes
    #[default]
    Portable,
    /// All that the description says, as JSON Schema 2020-12
    Full,
}

impl Spec {
    pub(super) fn is_stdin(&self) -> bool {
        self.spec == "-"
    }

    /// Reads and compiles the description, fetching with `upstream` what is on the web.
    pub(super) async fn load(&self, upstream: &Upstream, locate: Locate) -> Result<Description, Failure> {
        self.order(upstream)?.read(move |reading| reading.describe(locate)).await
    }

    /// Reads and compiles the description, for commands that call nothing.
    pub(super) async fn load_only(&self, locate: Locate) -> Result<Description, Failure> {
        self.order_only()?.read(move |reading| reading.describe(locate)).await
    }

    /// What is to be read, fetching with `upstream` what is on the web.
    fn order(&self, upstream: &Upstream) -> Result<Order, Failure> {
        let options = self.options()?;
        let source = Source::open(&self.spec, &self.allow_ref_host, upstream);
        let source = source.map_err(|error| Failure::Description(error.to_string()))?;
        self.overlay.iter().for_each(|path| source.watch(path.as_ref()));
        let overlays = self.overlay.iter().map(|path| overlay(path)).collect::<Result<_, _>>()?;
        Ok(Order { source, overlays, options })
    }

    /// What is to be read, for commands that call nothing. What is in a file needs no certificates.
    pub(super) fn order_only(&self) -> Result<Order, Failure> {
        let is_local = !self.spec.contains("://") && self.allow_ref_host.is_empty();
        let limits = Limits::default();
        let upstream = if is_local { Upstream::direct(limits) } else { Upstream::new(limits) };
        self.order(&upstream.map_err(|error| Failure::Setup(error.to_string()))?)
    }

    fn options(&self) -> Result<oasgate_tools::Options, Failure> {
        let profile = match self.profile {
            Schemas::Portable => Profile::Portable,
            Schemas::Full => Profile::Full,
        };
        Ok(oasgate_tools::Options {
            profile,
            schema_budget: profile.schema_budget(),
            base_url: self.base_url.clone(),
            name_limit: self.name_limit.into(),
            selection: self.choice.selection()?,
            prefix: self.choice.prefix.clone(),
            output_schemas: self.choice.output_schema,
        })
    }
}

impl Way {
    pub(super) fn upstream(&self) -> Result<Upstream, Failure> {
        Upstream::new(self.limits()).map_err(|error| Failure::Setup(error.to_string()))
    }

    /// A way to public addresses only.
    pub(super) fn public_upstream(&self) -> Result<Upstream, Failure> {
        Upstream::public_only(self.limits()).map_err(|error| Failure::Setup(error.to_string()))
    }

    fn limits(&self) -> Limits {
        Limits {
            whole: Duration::from_secs(self.timeout.into()),
            body: self.max_response,
            memory: self.max_memory,
            concurrency: self.max_concurrent.into(),
            ..Limits::DEFAULT
        }
    }

    /// Everything a call needs.
    pub(super) fn caller(&self, description: &Description, upstream: Upstream) -> Result<Caller, Failure> {
        let mut credentials = self.credentials(description).map_err(|error| match error {
            CredentialError::Unreadable { .. } | CredentialError::Unusable { .. } => {
                Failure::Setup(error.to_string())
            }
            _ => Failure::Usage(error.to_string()),
        })?;
        let login = login::of_user(description, &mut credentials)?;
        Ok(Caller {
            login,
            catalog: Arc::clone(&description.catalog),
            credentials,
            sign_in: None,
            upstream,
            cache: Cache::new(self.cache_bytes, self.cache_credentialed),
            files: Files::default(),
            shown: oasgate_tools::Limits {
                max_characters: usize::try_from(self.max_characters).unwrap_or(usize::MAX),
            },
        })
    }

    fn credentials(&self, description: &Description) -> Result<Credentials, CredentialError> {
        let given = self.credential.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>()?;
        let headers = self.header.iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>()?;
        Credentials::gather(&description.schemes, &given, &headers, &process)
    }
}

fn base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("an http(s) URL is needed".to_owned());
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err("it cannot have a user name, a query or a fragment".to_owned());
    }
    Ok(url)
}
