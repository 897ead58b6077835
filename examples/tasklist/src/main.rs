//! The program `tasklist`: serves the example API until it is told to stop.
//!
//! Owns the command line and the process. Refuses to know the API.

use std::{
    env::{self, VarError},
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::Context;
use clap::Parser;
use tasklist::{App, Options};
use tokio::net::TcpListener;

/// Serves task lists over HTTP: the API under /api/v1, a page at /, the description at /openapi.yaml.
///
/// The bearer token of the API is read from TASKLIST_TOKEN; without it, one is made and printed.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8099")]
    listen: SocketAddr,
    /// The SQLite file to keep the lists in; without it they are gone at the end.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let arguments = Arguments::parse();
    let token = token()?;
    let app = App::open(Options { database: arguments.database, token })?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}: choose another with --listen", arguments.listen))?;
    say(&format!("tasklist on http://{}", listener.local_addr()?));
    axum::serve(listener, app.router()).with_graceful_shutdown(told_to_stop()).await?;
    Ok(())
}

/// The token of the environment, or a new one, said once.
fn token() -> anyhow::Result<String> {
    match env::var("TASKLIST_TOKEN") {
        Err(VarError::NotPresent) => {
            let token = tasklist::random_token().context("cannot make a token: set TASKLIST_TOKEN")?;
            say(&format!("TASKLIST_TOKEN={token}"));
            Ok(token)
        }
        given => given.context("TASKLIST_TOKEN cannot be read: set it to plain text"),
    }
}

/// To stderr; that nobody reads it is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Resolves on ctrl-c, and on Unix on SIGTERM as well. Where a signal cannot be had, it is never sent.
async fn told_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut stream) => {
            stream.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
