//! `oasgate demo`: the example API and its MCP server in one process, so that the first try needs nothing else.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use oasgate_mcp::http::ServeOptions;
use tasklist::App;
use tokio::net::TcpListener;
use url::Url;

use super::serve::Door;
use crate::cache::Cache;
use crate::call::{Caller, Files};
use crate::credential::Credentials;
use crate::description::{Description, Locate};
use crate::exit::{Exit, Failure};
use crate::listen;
use crate::report::{self, Report};
use crate::server::{Offer, Server};
use crate::source::Source;
use crate::upstream::{Limits, Upstream};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The SQLite file to keep the lists in; without it they are gone at the end
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    #[command(flatten)]
    door: Door,
}

pub(super) async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let (listener, endpoint) = arguments.door.open().await?;
    let token =
        tasklist::random_token().map_err(|error| Failure::Setup(format!("cannot make a token: {error}")))?;
    let api = Api::open(arguments.database, token.clone()).await?;
    let page = format!("http://{}/", api.address);
    let description = description(&api).await?;
    let caller = caller(&description, &token)?;
    let server = Server::new(Offer::new(&description, caller)?);
    let mut report = Report::brief(&description);
    report.line("page", &page);
    report.line("MCP URL", &endpoint.url);
    let stop = listen::told_to_stop();
    report.print();
    report::say(&clients(&endpoint.url));
    drop(description);
    let (api_stop, api_stopped) = tokio::sync::watch::channel(());
    let upstream = tokio::spawn(api.serve(api_stopped));
    listen::serve(listener, Arc::new(server), endpoint, None, stop).await?;
    // The API goes last: calls in flight need it.
    drop(api_stop);
    let _ = upstream.await;
    Ok(Exit::Done)
}

/// The example API, on a free port of this machine.
struct Api {
    app: App,
    listener: TcpListener,
    address: std::net::SocketAddr,
}

impl Api {
    async fn open(database: Option<PathBuf>, token: String) -> Result<Self, Failure> {
        let app = App::open(tasklist::Options { database, token });
        let app = app.map_err(|error| Failure::Setup(error.to_string()))?;
        let no_port = |error| Failure::Setup(format!("no port is free on 127.0.0.1: {error}"));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(no_port)?;
        let address = listener.local_addr().map_err(no_port)?;
        Ok(Self { app, listener, address })
    }

    async fn serve(self, mut stopped: tokio::sync::watch::Receiver<()>) {
        let stop = async move { while stopped.changed().await.is_ok() {} };
        if let Err(error) =
            oasgate_mcp::http::serve(self.listener, self.app.router(), ServeOptions::default(), stop).await
        {
            tracing::error!(%error, "the example API ended");
        }
    }
}

async fn description(api: &Api) -> Result<Description, Failure> {
    let source = Source::of_text("tasklist.yaml", tasklist::DESCRIPTION.as_bytes().to_vec());
    let base = Url::parse(&format!("http://{}/api/v1", api.address)).ok();
    let options = oasgate_tools::Options { base_url: base, ..oasgate_tools::Options::default() };
    Description::load(source, options, Locate::FirstErrors(report::SKIPPED_SHOWN)).await?.usable()
}

/// The token gets to the API as any credential does, but from this process and not from the environment.
fn caller(description: &Description, token: &str) -> Result<Caller, Failure> {
    let variables = |name: &str| (name == "OASGATE_CREDENTIAL_BEARERAUTH").then(|| OsString::from(token));
    let credentials = Credentials::gather(&description.schemes, &[], &[], &variables);
    Ok(Caller {
        login: None,
        catalog: Arc::clone(&description.catalog),
        sign_in: None,
        credentials: credentials.map_err(|error| Failure::Setup(error.to_string()))?,
        upstream: Upstream::direct(Limits::default()).map_err(|error| Failure::Setup(error.to_string()))?,
        cache: Cache::default(),
        files: Files::default(),
        shown: oasgate_tools::Limits::default(),
    })
}

/// How to add the server to the clients people have.
fn clients(url: &str) -> String {
    format!(
        r#"
Add it to a client:

  Claude Code      claude mcp add --transport http tasklist {url}
  Codex            codex mcp add tasklist --url {url}
  Cursor           ~/.cursor/mcp.json
                   {{"mcpServers": {{"tasklist": {{"url": "{url}"}}}}}}
  Claude Desktop   Settings > Developer > Edit Config (needs Node.js)
                   {{"mcpServers": {{"tasklist": {{"command": "npx", "args": ["-y", "mcp-remote", "{url}"]}}}}}}
  ChatGPT          Settings > Apps & Connectors > Advanced > Developer mode. It takes public https URLs only: put a
                   tunnel in front, and start the demo with --allowed-host and the tunnel's name.

Then ask for: a list "Groceries" with milk, bread and apples. Ctrl-C ends the demo."#
    )
}
