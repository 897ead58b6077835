//! `oasgate keys`: the master keys that seal what is kept.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use oasgate_auth::{Clock, KeyUse, Keyring, keys_in_use};
use oasgate_tools::Catalog;

use crate::auth;
use crate::config::{Config, MasterKeys, Prepared};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a new master key
    New,
    /// Show which keys are needed for what, so that old ones can go
    List {
        #[command(flatten)]
        file: File,
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Put a new key before those of the key file; servers use it from their next start on
    Rotate {
        #[command(flatten)]
        file: File,
    },
}

#[derive(Debug, Args)]
struct File {
    /// The configuration file of the server
    #[arg(long, value_name = "FILE", default_value = "oasgate.toml")]
    config: PathBuf,
}

pub(super) async fn run(arguments: &Arguments, out: &mut impl Write) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::New => writeln!(out, "{}", Keyring::generate_key().expose())?,
        Command::List { file, json } => list(&prepared(file)?, *json, out).await?,
        Command::Rotate { file } => match prepared(file)?.keys {
            MasterKeys::InFile(path) => {
                let count = auth::rotate(&path)?;
                writeln!(
                    out,
                    "{}: {count} keys, the first is new; restart the servers that use it",
                    path.display()
                )?;
            }
            MasterKeys::Given(_) => {
                return Err(Failure::Usage(
                    "`keys.master` says where the keys are, one by one: make one with `oasgate keys new`, and name its place \
                     before the others"
                        .to_owned(),
                ));
            }
            MasterKeys::Ephemeral => {
                return Err(Failure::Usage(
                    "with the store `memory` the key is new at every start".to_owned(),
                ));
            }
        },
    }
    Ok(Exit::Done)
}

async fn list(prepared: &Prepared, json: bool, out: &mut impl Write) -> Result<(), Failure> {
    let store = auth::store(&prepared.keeping, Clock::system()).await?;
    let keyring = auth::keyring(&prepared.keys)?;
    let keys = keys_in_use(store.as_ref(), &keyring).await;
    let keys = keys.map_err(|error| Failure::Setup(error.to_string()))?;
    if json {
        let keys: Vec<_> = keys.iter().map(as_json).collect();
        writeln!(out, "{}", serde_json::Value::from(keys))?;
        return Ok(());
    }
    writeln!(out, "{:<10}{:<9}{:>8}{:>9}{:>10}{:>9}", "key", "", "access", "refresh", "sign-ins", "clients")?;
    for key in keys {
        let is = match (key.is_present, key.is_newest, key.is_idle()) {
            (false, ..) => "missing",
            (_, true, _) => "newest",
            (_, _, true) => "idle",
            _ => "",
        };
        let KeyUse { kid, access_tokens, refresh_tokens, sign_ins, client_secrets, .. } = key;
        writeln!(
            out,
            "{kid:<10}{is:<9}{access_tokens:>8}{refresh_tokens:>9}{sign_ins:>10}{client_secrets:>9}"
        )?;
    }
    Ok(())
}

fn as_json(key: &KeyUse) -> serde_json::Value {
    serde_json::json!({
        "kid": key.kid,
        "present": key.is_present,
        "newest": key.is_newest,
        "idle": key.is_idle(),
        "accessTokens": key.access_tokens,
        "refreshTokens": key.refresh_tokens,
        "signIns": key.sign_ins,
        "clientSecrets": key.client_secrets,
    })
}

/// What the file says of keys and the store.
fn prepared(file: &File) -> Result<Prepared, Failure> {
    let config = Config::read(&file.config)?;
    // Neither depends on the description.
    auth::prepared(&config, "", &Catalog::default())?.ok_or_else(|| {
        Failure::Usage(format!(
            "{} lets everybody in: nothing is kept, and no key is needed",
            file.config.display()
        ))
    })
}
