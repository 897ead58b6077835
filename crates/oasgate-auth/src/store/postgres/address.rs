//! Where a database is, and how it is spoken to: from a URL as libpq takes it, but for `sslmode`, which is strict here.

use std::net::IpAddr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::tls::Tls;
use crate::Secret;
use crate::store::StoreError;

#[cfg(test)]
mod tests;

/// How long one address of the server may take to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long nothing may be heard before it is asked whether the other side is still there: something in between may have
/// forgotten a connection that was idle.
const SILENCE: Duration = Duration::from_secs(10);

/// A database.
pub(super) struct Address {
    pub(super) config: Config,
    /// None for a connection that is not encrypted.
    pub(super) tls: Option<Tls>,
}

impl Address {
    pub(super) fn parse(url: &Secret) -> Result<Self, StoreError> {
        let url = url.expose().trim_ascii();
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(refused("it must begin with `postgres://`"));
        }
        // Not by `Url`, which knows no URLs with several hosts. The names of our two parameters have no escapes.
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (ours, theirs): (Vec<_>, Vec<_>) =
            query.split('&').partition(|pair| is_ours(pair.split('=').next().unwrap_or_default()));
        let mut config: Config = format!("{base}?{}", theirs.join("&"))
            .parse()
            // The error may repeat parts of the URL, and with them the password.
            .map_err(|_| refused("it must be like `postgres://user:password@host:5432/database`"))?;
        let [mode, roots] = ["sslmode", "sslrootcert"].map(|name| parameter(&ours, name));
        let tls = match mode.as_deref() {
            Some("disable") => None,
            None if is_local(&config) => None,
            None | Some("require" | "verify-ca" | "verify-full") => Some(Tls::trusting(roots.as_deref())?),
            Some(_) => {
                return Err(refused(
                    "`sslmode` must be `verify-full`, or `disable` for a network of your own",
                ));
            }
        };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        config.application_name("oasgate");
        config.connect_timeout(CONNECT_TIMEOUT);
        config
            .tcp_user_timeout(SILENCE)
            .keepalives_idle(SILENCE)
            .keepalives_interval(SILENCE)
            .keepalives_retries(3);
        Ok(Self { config, tls })
    }
}

fn is_ours(name: &str) -> bool {
    matches!(name, "sslmode" | "sslrootcert")
}

fn parameter(pairs: &[&str], name: &str) -> Option<String> {
    let found = pairs
        .iter()
        .find_map(|pair| url::form_urlencoded::parse(pair.as_bytes()).find(|(own, _)| own == name));
    found.map(|(_, value)| value.into_owned())
}

/// Whether nothing that is said leaves this machine.
fn is_local(config: &Config) -> bool {
    let hosts = config.get_hosts();
    hosts.iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }) && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

fn refused(why: &str) -> StoreError {
    StoreError(format!("the URL of the database cannot be used: {why}"))
}
