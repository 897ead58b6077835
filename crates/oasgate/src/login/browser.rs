//! Opens the user's browser: no shell is asked, and nothing is opened but http(s).

use std::process::{Command, Stdio};

use url::Url;

/// Opens a URL. Whether a browser has appeared, nobody knows: the URL is always shown, too.
pub fn open(url: &str) {
    let Some(mut command) = command(url) else { return };
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = quiet.spawn() {
        tracing::debug!(%error, "no browser");
    }
}

/// The program that opens it, and the URL as one argument, by which no option can be meant: it begins with its scheme.
pub(super) fn command(url: &str) -> Option<Command> {
    let url =
        Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
    let (program, before): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("rundll32.exe", &["url.dll,FileProtocolHandler"])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    command.args(before).arg(url.as_str());
    Some(command)
}
