//! Where grants are kept, and the keys that seal them: opened as the configuration says.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use oasgate_auth::{Clock, Keyring, Memory, Postgres, Secret, Sqlite, Store};

use crate::config::{Keeping, MasterKeys};
use crate::exit::Failure;

/// Opens a store.
///
/// # Errors
/// It is not there, or not usable.
pub async fn store(keeping: &Keeping, clock: Clock) -> Result<Arc<dyn Store>, Failure> {
    let setup = |error: oasgate_auth::StoreError| Failure::Setup(error.to_string());
    Ok(match keeping {
        Keeping::Memory => Arc::new(Memory::new(clock)),
        Keeping::Sqlite(path) => Arc::new(Box::pin(Sqlite::open(path, clock)).await.map_err(setup)?),
        Keeping::Postgres(url) => Arc::new(Box::pin(Postgres::open(url, clock)).await.map_err(setup)?),
    })
}

/// The master keys. A file of them that is not there is made, with one.
///
/// # Errors
/// They cannot be read, made or used.
pub fn keyring(keys: &MasterKeys) -> Result<Keyring, Failure> {
    let keys = match keys {
        MasterKeys::Ephemeral => return Ok(Keyring::ephemeral()),
        MasterKeys::Given(keys) => keys.clone(),
        MasterKeys::InFile(path) => in_file(path).map_err(|error| unusable(path, &error))?,
    };
    Keyring::new(&keys).map_err(|error| Failure::Setup(format!("`keys`: {error}")))
}

/// The master keys as they are: if there is no file of them yet, one that is forgotten again.
///
/// # Errors
/// They cannot be read or used.
pub(super) fn as_it_is(keys: &MasterKeys) -> Result<Keyring, Failure> {
    match keys {
        MasterKeys::InFile(path) if matches!(path.try_exists(), Ok(false)) => Ok(Keyring::ephemeral()),
        there => keyring(there),
    }
}

/// Puts a new key before those of a file, and tells how many there are then.
///
/// # Errors
/// The file cannot be read or replaced.
pub fn rotate(path: &Path) -> Result<usize, Failure> {
    let wrong = |error| unusable(path, &error);
    let mut keys = in_file(path).map_err(wrong)?;
    keys.insert(0, Keyring::generate_key());
    let lines: Vec<&str> = keys.iter().map(Secret::expose).collect();
    // All of it or nothing: what is lost of this file is lost of the store.
    let new = path.with_extension("keys.new");
    drop(fs::remove_file(&new));
    write(&new, &lines.join("\n")).and_then(|()| fs::rename(&new, path)).map_err(wrong)?;
    Ok(keys.len())
}

fn in_file(path: &Path) -> io::Result<Vec<Secret>> {
    match read(path) {
        Ok(text) => {
            Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Secret::new).collect())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = Keyring::generate_key();
            match write(path, key.expose()) {
                // Another process was quicker.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => in_file(path),
                written => written.map(|()| vec![key]),
            }
        }
        Err(error) => Err(error),
    }
}

/// A file of keys that others may read is refused, as a store is that they may: what it opens is no longer sealed.
fn read(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    is_private(&file, path)?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(unix)]
fn is_private(file: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    if file.metadata()?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(io::Error::other(format!("others may read them: run `chmod 600 {}`", path.display())))
}

#[cfg(not(unix))]
fn is_private(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

/// A new file that only this user can read, and that is there after a power failure.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::Setup(format!("the master keys in {}: {error}", path.display()))
}
