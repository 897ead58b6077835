//! The program `company-api`: serves the example API and its authorization server until it is told to stop.

use std::io::{self, Write as _};
use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Parser;
use company_api::{Company, Settings};
use tokio::net::TcpListener;

/// Serves an API under /v1, and the authorization server for it under /oauth.
///
/// The one client of the authorization server shows the secret in COMPANY_CLIENT_SECRET; the user `ada` has the API key in
/// COMPANY_API_KEY.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9102")]
    listen: SocketAddr,
    /// Calls of one user after which every further one is refused
    #[arg(long, value_name = "N", default_value_t = 1000)]
    calls: u32,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let settings = Settings { calls: arguments.calls, ..Settings::default() };
    let company = Company::new(&secret("COMPANY_CLIENT_SECRET")?, &secret("COMPANY_API_KEY")?, settings);
    let listener =
        TcpListener::bind(arguments.listen).await.context("choose another address with --listen")?;
    let _ = writeln!(io::stderr(), "company-api on http://{}", listener.local_addr()?);
    axum::serve(listener, company.router()).await?;
    Ok(())
}

/// A secret, from the environment: the command line is everybody's to read.
fn secret(variable: &str) -> anyhow::Result<String> {
    std::env::var(variable).with_context(|| format!("{variable} is needed"))
}
