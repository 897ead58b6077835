//! What the file says of `oasgate serve`, as flags: they stand before those of the command line, which have the last
//! word.

use std::ffi::OsString;
use std::path::PathBuf;

use super::Config;
use super::file::{Confirm, File, Profile};
use super::value::SecretRef;
use crate::credential::SecretSource;

impl Config {
    /// The flags of `oasgate serve` that say what the file says, SPEC not among them.
    #[must_use]
    pub fn flags(&self) -> Vec<OsString> {
        let File { tools, calls, .. } = &self.file;
        let mut flags = Flags::default();
        flags.text("--base-url", self.file.base_url.as_deref());
        flags.text("--listen", self.file.listen.map(|address| address.to_string()));
        flags.text("--path", self.mount());
        flags.all("--allowed-host", &self.file.allowed_hosts);
        flags.all("--allowed-origin", &self.file.allowed_origins);
        let connections = self.file.limits.connections_per_address;
        flags.text("--connections-per-address", connections.map(|count| count.to_string()));
        flags.switch("--allow-anonymous", self.file.allow_anonymous);
        flags.switch("--danger-allow-private-upstreams", self.file.danger_allow_private_upstreams);
        flags.text("--profile", tools.profile.map(Profile::as_str));
        flags.text("--name-limit", tools.name_limit.map(|limit| limit.to_string()));
        flags.all("--include", &tools.include);
        flags.all("--exclude", &tools.exclude);
        flags.switch("--read-only", tools.read_only);
        flags.text("--prefix", tools.prefix.as_deref());
        flags.switch("--output-schema", tools.output_schema);
        flags.paths("--overlay", tools.overlays.iter().map(|path| self.path(path)));
        flags.all("--allow-ref-host", &tools.allow_ref_hosts);
        flags.paths("--pinned", tools.pinned.iter().map(|path| self.path(path)));
        flags.text("--confirm", tools.confirm.map(Confirm::as_str));
        flags.text("--timeout", calls.timeout.map(|seconds| seconds.to_string()));
        flags.text("--max-response", calls.max_response.map(|bytes| bytes.to_string()));
        flags.text("--max-characters", calls.max_characters.map(|count| count.to_string()));
        flags.text("--max-concurrent", calls.max_concurrent.map(|count| count.to_string()));
        flags.text("--cache-bytes", calls.cache_bytes.map(|bytes| bytes.to_string()));
        flags.switch("--cache-credentialed", calls.cache_credentialed);
        for (option, given) in [("--credential", &self.file.credentials), ("--header", &self.file.headers)] {
            for (name, secret) in given {
                let source = match self.source(secret) {
                    SecretSource::Variable(name) => format!("env:{name}"),
                    SecretSource::File(path) => format!("file:{}", path.display()),
                };
                flags.0.push(format!("{option}={name}={source}").into());
            }
        }
        flags.0
    }

    /// The description, as the program finds it.
    #[must_use]
    pub fn spec(&self) -> Option<OsString> {
        let spec = self.file.spec.as_deref()?;
        Some(if spec.contains("://") || spec == "-" { spec.into() } else { self.path(spec).into() })
    }

    /// The path of the endpoint here.
    #[must_use]
    pub fn mount(&self) -> Option<String> {
        let of_public = || {
            let url = oasgate_auth::PublicUrl::parse(self.file.public_url.as_deref()?).ok()?;
            Some(if url.path().is_empty() { "/".to_owned() } else { url.path().to_owned() })
        };
        self.file.path.clone().or_else(of_public)
    }

    /// Where a secret is, as the program finds it.
    pub(super) fn source(&self, secret: &SecretRef) -> SecretSource {
        match &secret.0 {
            SecretSource::File(path) => SecretSource::File(self.folder.join(path)),
            variable @ SecretSource::Variable(_) => variable.clone(),
        }
    }
}

#[derive(Default)]
struct Flags(Vec<OsString>);

impl Flags {
    fn text(&mut self, name: &str, value: Option<impl AsRef<str>>) {
        self.0.extend(value.map(|value| OsString::from(format!("{name}={}", value.as_ref()))));
    }

    fn all(&mut self, name: &str, values: &[String]) {
        for value in values {
            self.text(name, Some(value));
        }
    }

    fn paths(&mut self, name: &str, paths: impl Iterator<Item = PathBuf>) {
        for path in paths {
            let mut flag = OsString::from(format!("{name}="));
            flag.push(path);
            self.0.push(flag);
        }
    }

    fn switch(&mut self, name: &str, on: bool) {
        self.0.extend(on.then(|| name.into()));
    }
}

impl Profile {
    fn as_str(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Full => "full",
        }
    }
}

impl Confirm {
    fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Marked => "marked",
            Self::Destructive => "destructive",
        }
    }
}
