//! Where a secret comes from: an environment variable or a file, never the command line, which every user of a
//! machine can read.

use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, fs, io};

use http::HeaderName;

use super::Secret;

/// Bytes that a credential file may have: more than any key or token, less than what was meant to be another file.
const FILE_LIMIT: u64 = 64 * 1024;

/// A source of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Variable(String),
    /// A file; one line break at its end does not count.
    File(PathBuf),
}

/// `SCHEME=env:NAME` or `SCHEME=file:PATH`: the source of one scheme's credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeSource {
    /// The security scheme.
    pub scheme: String,
    /// The source.
    pub source: SecretSource,
}

/// `NAME=env:NAME` or `NAME=file:PATH`: a header field for every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderSource {
    /// The field name.
    pub name: HeaderName,
    /// The source of its value.
    pub source: SecretSource,
}

/// Looks up an environment variable. Only [`process`] asks the real environment; it is read, never written.
pub type Variables<'v> = &'v dyn Fn(&str) -> Option<OsString>;

/// The environment of this process.
#[must_use]
pub fn process(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Why a credential cannot be had. All are the operator's to mend, and none of them says what the value is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CredentialError {
    /// Not of the form that is asked for; the value may be a secret, so it is not repeated.
    #[error(
        "`{option} {name}=…` does not name a source: a secret does not belong on the command line, where every user \
             of the machine can see it; write `{name}=env:VARIABLE` or `{name}=file:PATH`"
    )]
    Literal {
        /// The option.
        option: &'static str,
        /// What stands before the `=`.
        name: String,
    },
    /// There is no `=`.
    #[error("`{option}` takes `{form}=env:VARIABLE` or `{form}=file:PATH`")]
    Form {
        /// The option.
        option: &'static str,
        /// What stands before the `=`.
        form: &'static str,
    },
    /// The name of a header field that is none, or one that the program sets itself.
    #[error("`--header {0}=…`: {1}")]
    Header(String, &'static str),
    /// The description has no such scheme.
    #[error("the description has no security scheme `{scheme}`; {}", known_schemes(.known))]
    UnknownScheme {
        /// The scheme asked for.
        scheme: String,
        /// Those there are.
        known: Vec<String>,
    },
    /// Both universal ones: they are the same header field.
    #[error(
        "`--credential bearer=…` and `--credential basic=…` are the same header field here: give one of them"
    )]
    Both,
    /// The source cannot be read.
    #[error("the credential from {from} cannot be read: {reason}")]
    Unreadable {
        /// The source.
        from: String,
        /// Why.
        reason: String,
    },
    /// The value cannot be sent.
    #[error("the credential from {from} cannot be used: {reason}")]
    Unusable {
        /// The source.
        from: String,
        /// Why.
        reason: String,
    },
}

impl CredentialError {
    pub(super) fn unusable(from: &SecretSource, reason: &str) -> Self {
        Self::Unusable { from: from.to_string(), reason: reason.to_owned() }
    }

    fn unreadable(from: &SecretSource, reason: impl Into<String>) -> Self {
        Self::Unreadable { from: from.to_string(), reason: reason.into() }
    }
}

impl FromStr for SecretSource {
    /// What was written instead may be a secret: nothing is said of it.
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':') {
            Some(("env", variable)) if !variable.is_empty() => Ok(Self::Variable(variable.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            _ => Err(()),
        }
    }
}

impl FromStr for SchemeSource {
    type Err = CredentialError;

    fn from_str(text: &str) -> Result<Self, CredentialError> {
        let (scheme, source) = parse(text, "--credential", "SCHEME")?;
        Ok(Self { scheme: scheme.to_owned(), source })
    }
}

impl FromStr for HeaderSource {
    type Err = CredentialError;

    fn from_str(text: &str) -> Result<Self, CredentialError> {
        let (name, source) = parse(text, "--header", "NAME")?;
        let wrong = |reason| CredentialError::Header(name.to_owned(), reason);
        let name: HeaderName = name.parse().map_err(|_| wrong("that is not the name of a header field"))?;
        // RFC 9110, 7.2 and 7.6.1; RFC 9112, 6: these frame the message or route it.
        const FRAMING: [&str; 7] =
            ["host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade"];
        if FRAMING.contains(&name.as_str()) {
            return Err(wrong("this field belongs to the connection, and cannot be set"));
        }
        Ok(Self { name, source })
    }
}

/// Where a scheme's credential is looked for unless the operator says otherwise.
pub(super) fn default_variable(scheme: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("OASGATE_CREDENTIAL_{}", scheme.chars().map(legal).collect::<String>())
}

/// Reads a secret of one line; a line break at the end of a file is the editor's, not the key's.
///
/// # Errors
/// It is not there, or is no credential.
pub fn read(source: &SecretSource, variables: Variables<'_>) -> Result<Secret, CredentialError> {
    let secret = read_pem(source, variables)?;
    if secret.expose().chars().any(char::is_control) {
        let reason = "it holds a line break or another control character; a credential is one line";
        return Err(CredentialError::unusable(source, reason));
    }
    Ok(secret)
}

/// Reads a secret that may have many lines, as private keys do.
///
/// # Errors
/// It is not there, is empty or no text.
pub fn read_pem(source: &SecretSource, variables: Variables<'_>) -> Result<Secret, CredentialError> {
    let text = match source {
        SecretSource::Variable(name) => {
            let value =
                variables(name).ok_or_else(|| CredentialError::unreadable(source, "it is not set"))?;
            value.into_string().map_err(|_| CredentialError::unusable(source, "it is not text"))?
        }
        SecretSource::File(path) => {
            let bytes =
                bytes(path).map_err(|error| CredentialError::unreadable(source, error.to_string()))?;
            let mut text = String::from_utf8(bytes)
                .map_err(|_| CredentialError::unusable(source, "it is not UTF-8 text"))?;
            let end = text.strip_suffix('\n').map_or(text.len(), |line| line.trim_end_matches('\r').len());
            text.truncate(end);
            text
        }
    };
    let secret = Secret::new(text);
    if secret.expose().is_empty() {
        return Err(CredentialError::unusable(source, "it is empty"));
    }
    Ok(secret)
}

/// Writes a secret to a file that is not there yet, and that only its user can read.
///
/// # Errors
/// The file is there, or cannot be written.
pub fn write_new(path: &Path, secret: &Secret) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(secret.expose().as_bytes())?;
    file.sync_all()
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(FILE_LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it has more than 64 KiB"));
    }
    Ok(bytes)
}

fn parse<'t>(
    text: &'t str,
    option: &'static str,
    form: &'static str,
) -> Result<(&'t str, SecretSource), CredentialError> {
    let (name, value) = text.split_once('=').ok_or(CredentialError::Form { option, form })?;
    let literal = |()| CredentialError::Literal { option, name: name.to_owned() };
    let source = value.parse().map_err(literal)?;
    if name.is_empty() { Err(CredentialError::Form { option, form }) } else { Ok((name, source)) }
}

fn known_schemes(known: &[String]) -> String {
    if known.is_empty() {
        "it declares none, so send the credential with `--credential bearer=env:VARIABLE`, `basic=…` or \
         `--header NAME=env:VARIABLE`"
            .to_owned()
    } else {
        format!("it has {}", known.join(", "))
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
        }
    }
}
