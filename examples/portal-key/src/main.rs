//! The program `portal-key`: serves the example API and its portal until it is told to stop.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Parser;
use portal_key::Company;
use tokio::net::TcpListener;

/// Serves an API under /v1 that takes keys in `x-api-key`, and the portal under /portal that mints them.
///
/// What exchanges codes at the portal shows the secret in PORTAL_CLIENT_SECRET.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9101")]
    listen: SocketAddr,
    /// Which environment the API is
    #[arg(long, default_value = "prod")]
    environment: String,
    /// Which environment the portal mints keys for
    #[arg(long, default_value = "prod")]
    minted: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let company = Company::new(&arguments.environment, &arguments.minted, &secret("PORTAL_CLIENT_SECRET")?);
    let listener =
        TcpListener::bind(arguments.listen).await.context("choose another address with --listen")?;
    let _ = writeln!(io::stderr(), "portal-key on http://{}", listener.local_addr()?);
    axum::serve(listener, company.router()).await?;
    Ok(())
}

/// A secret, from the environment: the command line is everybody's to read.
fn secret(variable: &str) -> anyhow::Result<String> {
    std::env::var(variable).with_context(|| format!("{variable} is needed"))
}
