//! `oasgate serve`: a description as an MCP server over HTTP.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;

use clap::{Args, Parser as _};
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
    /// Whether everybody is asked who they are: by configuration only
    #[arg(skip)]
    asks: bool,
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

/// What a configuration file makes, in words: with the description that it names.
pub(super) async fn explain(file: &Path) -> Result<Explained, Failure> {
    let told = ["oasgate", "serve", "--config"].map(OsString::from).into_iter().chain([file.into()]);
    let parsed = Cli::try_parse_from(config::joined(told.collect())?);
    let Command::Serve(arguments) = parsed.map_err(|error| Failure::Usage(error.to_string()))?.command else {
        return Err(Failure::Usage("this configures nothing that serves".to_owned()));
    };
    let config = arguments.configured.read()?.unwrap_or_default();
    let description =
        arguments.spec.load(&arguments.way.upstream()?, Locate::FirstErrors(0)).await?.usable()?;
    let prepared = crate::auth::prepared(&config, &description.title, &description.catalog)?;
    let served = format!("{}: {} tools", description.title, description.catalog.tools().len());
    Ok(config.explain(prepared.as_ref(), served))
}

impl Door {
    /// What a configuration decides of the way in: who asks everybody need not be on this machine only, and is known by
    /// the name it is reached by.
    fn config(&mut self, config: Option<&Config>) {
        let Some(config) = config else { return };
        self.asks = config.asks();
        self.allowed_host.extend(config.public_host());
    }

    /// Whether other machines can come in.
    fn is_open(&self) -> bool {
        !self.listen.ip().to_canonical().is_loopback()
    }

    /// Takes the address.
    pub(super) async fn open(self) -> Result<(TcpListener, Endpoint), Failure> {
        if self.is_open() && !self.allow_anonymous && !self.asks {
            return Err(Failure::Usage(format!(
                "{} can be reached from other machines, and this server does not ask who is calling: everybody who reaches it \
                 would use the API with your credentials. Listen on 127.0.0.1, or say --allow-anonymous if something in front \
                 of it decides who gets in",
                self.listen
            )));
        }
        let refused = |error| {
            Failure::Setup(format!("cannot listen on {}: {error}; choose another with --listen", self.listen))
        };
        let listener = TcpListener::bind(self.listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let endpoint = Endpoint::new(address, self.path, self.allowed_host, self.allowed_origin);
        Ok((listener, endpoint.map_err(Failure::Usage)?.with_sessions(self.sessions.into())))
    }
}
