//! `oasgate serve`: a description as an MCP server over HTTP.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;

use clap::{Args, Parser as _};
use ipnet::IpNet;
use oasgate_mcp::http::EndpointPath;
use tokio::net::TcpListener;

use super::common::{Spec, Way};
use super::config::{self, Configured};
use super::confirm::Confirming;
use super::files::AllowFiles;
use super::pinned::Pinned;
use super::reload::{Recipe, Reloading, Started};
use super::task::Tasking;
use super::{Cli, Command};
use crate::auth::SignIn;
use crate::config::{Config, Explained};
use crate::description::Locate;
use crate::exit::{Exit, Failure};
use crate::listen::{self, Endpoint};
use crate::reload;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    configured: Configured,
    #[command(flatten)]
    spec: Spec,
    #[command(flatten)]
    way: Way,
    #[command(flatten)]
    confirm: Confirming,
    #[command(flatten)]
    tasking: Tasking,
    #[command(flatten)]
    reloading: Reloading,
    #[command(flatten)]
    pinned: Pinned,
    #[command(flatten)]
    door: Door,
    /// Let a server that other machines reach send requests to private addresses: this machine, its network, and what
    /// clouds tell their machines in secret
    #[arg(long)]
    danger_allow_private_upstreams: bool,
}

/// Where clients come in.
#[derive(Debug, Args)]
pub(super) struct Door {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(super) listen: SocketAddr,
    /// The path of the MCP endpoint
    #[arg(long, default_value = "/mcp")]
    path: EndpointPath,
    /// A name by which clients may address this server, besides localhost (repeatable)
    #[arg(long, value_name = "HOST[:PORT]")]
    allowed_host: Vec<String>,
    /// A web origin whose pages may call this server, instead of those on localhost (repeatable)
    #[arg(long, value_name = "SCHEME://HOST[:PORT]")]
    allowed_origin: Vec<String>,
    /// Clients of the revisions before 2026-07-28 that are remembered between their requests, so that a person can be
    /// asked for agreement and resources can be subscribed to; all requests of one must reach this process
    #[arg(long, value_name = "N", default_value_t = 0)]
    sessions: u16,
    /// Let everybody who can reach the address call the API with the credentials given here
    #[arg(long)]
    allow_anonymous: bool,
    /// Connections that may be open from one address; 0 for any number. This machine and the proxies of
    /// `trusted_proxies` are not counted
    #[arg(long, value_name = "N", default_value_t = 1000)]
    connections_per_address: usize,
    /// By configuration only
    #[arg(skip)]
    told: Told,
}

/// What a configuration says of the way in.
#[derive(Debug, Clone, Default)]
struct Told {
    /// Everybody is asked who they are.
    asks: bool,
    /// Clients know the server by a URL that means their own machine.
    is_local: bool,
    /// The path where only keys are taken.
    keys_path: Option<String>,
    /// The proxies in front.
    proxies: Vec<IpNet>,
}

pub(super) async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments { configured, spec, way, confirm, tasking, reloading, pinned, mut door, .. } = arguments;
    let config = configured.read()?;
    door.config(config.as_ref());
    let keeps_out = door.is_open() && !arguments.danger_allow_private_upstreams;
    // An address that is taken is said at once, not after a long description has been read.
    let (listener, mut endpoint) = door.open().await?;
    let fetch = way.upstream()?;
    let send = if keeps_out { way.public_upstream()? } else { fetch.clone() };
    let recipe = Recipe { spec, way, files: AllowFiles::default(), pinned, fetch, send, sign_in: None };
    let started = recipe.start(&confirm, &tasking, &reloading, config.as_ref()).await?;
    let Started { server, mut report, sign_in } = started;
    if let Some(sign_in) = &sign_in {
        endpoint.is_beside(sign_in).map_err(Failure::Usage)?;
        sign_in.begin(&server).await?;
        endpoint = endpoint.with_seal(sign_in.seal());
        report.line("public URL", sign_in.public_url());
    }
    report.line("MCP URL", &endpoint.url);
    let stop = reload::told_to_stop();
    report.print();
    listen::serve(listener, server, endpoint, sign_in.as_ref(), stop).await?;
    if let Some(sign_in) = &sign_in {
        sign_in.end().await;
    }
    Ok(Exit::Done)
}

/// What a configuration file makes, in words: with the description that it names. Whatever `serve` would refuse is refused,
/// but for what only shows outside: the address, the store, and the providers are left alone.
pub(super) async fn explain(file: &Path) -> Result<Explained, Failure> {
    let told = ["oasgate", "serve", "--config"].map(OsString::from).into_iter().chain([file.into()]);
    let parsed = Cli::try_parse_from(config::joined(told.collect())?);
    let Command::Serve(arguments) = parsed.map_err(|error| Failure::Usage(error.to_string()))?.command else {
        return Err(Failure::Usage("this configures nothing that serves".to_owned()));
    };
    let Arguments { configured, spec, way, pinned, mut door, .. } = arguments;
    let config = configured.read()?.unwrap_or_default();
    door.config(Some(&config));
    door.is_safe()?;
    let listen = door.listen;
    let endpoint = door.endpoint(listen)?;
    let fetch = way.upstream()?;
    let description = spec.load(&fetch, Locate::FirstErrors(0)).await?.usable()?;
    let prepared = crate::auth::prepared(&config, &description.title, &description.catalog)?;
    let sign_in = SignIn::rehearse(&config, &description.title, &description.catalog)?;
    if let Some(sign_in) = &sign_in {
        endpoint.is_beside(sign_in).map_err(Failure::Usage)?;
    }
    let send = fetch.clone();
    Recipe { spec, way, files: AllowFiles::default(), pinned, fetch, send, sign_in }.offer(&description)?;
    let served = format!("{}: {} tools", description.title, description.catalog.tools().len());
    Ok(config.explain(prepared.as_ref(), served))
}

impl Door {
    /// What a configuration decides of the way in: who asks everybody need not be on this machine only, and is known by
    /// the name it is reached by.
    fn config(&mut self, config: Option<&Config>) {
        let Some(config) = config else { return };
        self.allowed_host.extend(config.public_host());
        self.told = Told {
            asks: config.asks(),
            is_local: config.asks() && config.is_local(),
            keys_path: config.keys_path().map(str::to_owned),
            proxies: config.trusted_proxies(),
        };
    }

    /// Whether other machines can come in.
    fn is_open(&self) -> bool {
        !self.listen.ip().to_canonical().is_loopback()
    }

    /// Whether who comes in would be let in as they should.
    fn is_safe(&self) -> Result<(), Failure> {
        if self.is_open() && self.told.is_local {
            return Err(Failure::Usage(format!(
                "{} can be reached from other machines, and `public_url` means the machine of whoever reads it: they could not \
                 sign in, or would send what they have unencrypted. Say what others reach this server by, an https URL, or listen \
                 on 127.0.0.1",
                self.listen
            )));
        }
        if self.is_open() && !self.allow_anonymous && !self.told.asks {
            return Err(Failure::Usage(format!(
                "{} can be reached from other machines, and this server does not ask who is calling: everybody who reaches it \
                 would use the API with your credentials. Listen on 127.0.0.1, or say --allow-anonymous if something in front \
                 of it decides who gets in",
                self.listen
            )));
        }
        Ok(())
    }

    /// Takes the address.
    pub(super) async fn open(self) -> Result<(TcpListener, Endpoint), Failure> {
        self.is_safe()?;
        let refused = |error| {
            Failure::Setup(format!("cannot listen on {}: {error}; choose another with --listen", self.listen))
        };
        let listener = TcpListener::bind(self.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok((listener, self.endpoint(address)?))
    }

    /// What is at the address.
    fn endpoint(self, address: SocketAddr) -> Result<Endpoint, Failure> {
        let endpoint = Endpoint::new(address, self.path, self.allowed_host, self.allowed_origin);
        let mut endpoint = endpoint
            .map_err(Failure::Usage)?
            .with_sessions(self.sessions.into())
            .with_connections(self.connections_per_address, self.told.proxies);
        if let Some(path) = self.told.keys_path {
            let path = path.parse::<EndpointPath>();
            let path =
                path.map_err(|error| Failure::Usage(format!("`auth.inbound.api_key.path`: {error}")))?;
            endpoint = endpoint.with_keys_at(path).map_err(Failure::Usage)?;
        }
        Ok(endpoint)
    }
}
