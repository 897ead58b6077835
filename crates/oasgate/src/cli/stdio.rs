//! `oasgate stdio`: a description as an MCP server over standard input and output. Stdout belongs to the protocol.

use clap::Args;
use tokio::io::{AsyncRead, AsyncWriteExt as _, DuplexStream, copy, duplex};

use super::common::{Spec, Way};
use super::confirm::Confirming;
use super::files::AllowFiles;
use super::pinned::Pinned;
use super::reload::{Recipe, Reloading, Started};
use super::task::Tasking;
use crate::exit::{Exit, Failure};
use crate::reload::told_to_stop;

#[derive(Debug, Args)]
pub(super) struct Arguments {
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
    files: AllowFiles,
    #[command(flatten)]
    pinned: Pinned,
}

pub(super) async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let Arguments { spec, way, confirm, tasking, reloading, files, pinned } = arguments;
    if spec.is_stdin() {
        let message = "standard input belongs to the client: name a file or a URL instead of `-`";
        return Err(Failure::Usage(message.to_owned()));
    }
    let upstream = way.upstream()?;
    let recipe = Recipe { spec, way, files, pinned, fetch: upstream.clone(), send: upstream, sign_in: None };
    let Started { server, report, .. } = recipe.start(&confirm, &tasking, &reloading, None).await?;
    report.print();
    let input = until_stopped(tokio::io::stdin());
    oasgate_mcp::stdio::serve(server, input, tokio::io::stdout(), Default::default()).await?;
    Ok(Exit::Done)
}

/// The input until it ends or the program is told to stop: to the protocol both are the end, and what is in flight is
/// still answered.
fn until_stopped(mut input: impl AsyncRead + Unpin + Send + 'static) -> DuplexStream {
    let (mut end, output) = duplex(64 * 1024);
    let stop = told_to_stop();
    tokio::spawn(async move {
        tokio::select! {
            _ = copy(&mut input, &mut end) => {}
            () = stop => {}
        }
        let _ = end.shutdown().await;
    });
    output
}
