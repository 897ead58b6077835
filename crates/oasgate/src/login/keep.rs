//! Where sign-ins are kept: one sealed file for each, that only its user can read.
//!
//! The key is beside them: who can read the one can read the other. What sealing keeps out are backups, file indexes and
//! searches that get to see a file by itself, and changes that would go unnoticed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use oasgate_auth::login::Session;
use oasgate_auth::{Keyring, Secret};
use sha2::{Digest as _, Sha256};

use crate::credential::{SecretSource, Variables, read, write_new};

/// Bytes that a sign-in may have.
const LIMIT: u64 = 1 << 20;

/// A folder of sign-ins.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// One sign-in: of a security scheme of a description.
#[derive(Debug, Clone)]
pub struct Place {
    folder: PathBuf,
    name: String,
    about: String,
}

/// A sign-in that no other process reads or changes meanwhile.
#[derive(Debug)]
pub(super) struct Held {
    /// Dropping it lets go of it.
    _lock: File,
    file: PathBuf,
    about: String,
    keyring: Keyring,
}

impl Folder {
    /// The user's, where the system keeps what programs remember.
    #[must_use]
    pub fn of_user(variables: Variables<'_>) -> Option<Self> {
        let below = |variable: &str, path: &str| {
            let base = variables(variable).map(PathBuf::from).filter(|base| base.is_absolute());
            base.map(|base| Self(base.join(path)))
        };
        below("OASGATE_STATE", "")
            .or_else(|| below("XDG_STATE_HOME", "oasgate"))
            .or_else(|| below("LOCALAPPDATA", "oasgate"))
            .or_else(|| below("HOME", ".local/state/oasgate"))
    }

    /// This one.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// The place of one sign-in. A file is the same by every way to write its path.
    #[must_use]
    pub fn place(&self, description: &str, scheme: &str) -> Place {
        let whole = fs::canonicalize(description).map(|path| path.to_string_lossy().into_owned());
        let about = format!("{}\n{scheme}", whole.unwrap_or_else(|_| description.to_owned()));
        let hash = Sha256::digest(about.as_bytes());
        let name = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Place { folder: self.0.clone(), name, about }
    }
}

impl Place {
    /// Whether somebody has signed in.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.file().exists()
    }

    /// Keeps a sign-in, instead of any that was there.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn put(&self, session: &Session) -> io::Result<()> {
        self.lock().await?.write(session)
    }

    /// Removes the sign-in, and gives it to be revoked. None if there is none that could be read.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub async fn take(&self) -> io::Result<Option<Session>> {
        let held = self.lock().await?;
        let session = held.read().ok().flatten();
        match fs::remove_file(&held.file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(session),
        }
    }

    /// Waits for other processes to let go of it.
    pub(super) async fn lock(&self) -> io::Result<Held> {
        let place = self.clone();
        let held = tokio::task::spawn_blocking(move || place.lock_now());
        held.await.map_err(io::Error::other)?
    }

    fn lock_now(&self) -> io::Result<Held> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        let lock = private().write(true).create(true).truncate(false).open(self.folder.join("lock"))?;
        lock.lock()?;
        let keyring = keyring(&self.folder.join("key"))?;
        Ok(Held { _lock: lock, file: self.file(), about: self.about.clone(), keyring })
    }

    fn file(&self) -> PathBuf {
        self.folder.join(format!("{}.login", self.name))
    }
}

impl Held {
    /// The sign-in; none if there is none, or it is not as it was.
    pub(super) fn read(&self) -> io::Result<Option<Session>> {
        let mut sealed = Vec::new();
        match File::open(&self.file) {
            Ok(file) => file.take(LIMIT).read_to_end(&mut sealed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Session::open(&self.keyring, &self.about, &sealed))
    }

    /// Keeps a sign-in: as a whole or not at all, whenever the machine stops.
    pub(super) fn write(&self, session: &Session) -> io::Result<()> {
        let new = self.file.with_extension("new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private().write(true).create_new(true).open(&new)?;
        file.write_all(&session.seal(&self.keyring, &self.about))?;
        file.sync_all()?;
        fs::rename(&new, &self.file)
    }
}

/// The key of this user's sign-ins, made when it is first needed. The caller holds the lock.
fn keyring(path: &Path) -> io::Result<Keyring> {
    if !path.exists() {
        write_new(path, &Keyring::generate_key())?;
    }
    let unusable = |why: String| io::Error::other(format!("{}: {why}", path.display()));
    let nothing = |_: &str| None;
    let key: Secret =
        read(&SecretSource::File(path.to_owned()), &nothing).map_err(|error| unusable(error.to_string()))?;
    Keyring::new(&[key]).map_err(|error| unusable(error.to_string()))
}

/// For files that only their user can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
