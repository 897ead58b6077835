//! Which descriptions are read, and what that may cost.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::made::{self, Kind};

/// Descriptions of a folder that have fewer bytes take no time worth measuring.
const LARGE: u64 = 1 << 20;

/// A description.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) path: PathBuf,
    /// What the way from text to tools may cost; nothing is known of somebody's folder.
    pub(crate) limit: Option<Limit>,
}

/// What reading and compiling may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) cpu: Duration,
    pub(crate) megabytes: u64,
}

/// All that are read. Those that are made are kept in a folder of the target directory, so that a process that is
/// measured only reads.
pub(crate) fn cases() -> Vec<Case> {
    let limit = |milliseconds, megabytes| Limit { cpu: Duration::from_millis(milliseconds), megabytes };
    let mut cases = vec![
        // Rings of references far denser than any that is published: what they cost is told, and held to nothing.
        made(Kind::References, "references-13mb.json", None),
        made(Kind::Repeated, "repeated-33mb.yaml", Some(limit(1_800, 300))),
        made(Kind::Deep, "deep-4mb.yaml", None),
    ];
    if let Some(folder) = std::env::var_os("OASGATE_CORPUS") {
        cases.extend(large(Path::new(&folder)).expect("OASGATE_CORPUS names a folder"));
    }
    cases
}

fn made(kind: Kind, name: &str, limit: Option<Limit>) -> Case {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, made::text(kind)).expect("a writable target directory");
    Case { path, limit }
}

/// The large descriptions of a folder.
fn large(folder: &Path) -> io::Result<Vec<Case>> {
    let mut paths = fs::read_dir(fs::canonicalize(folder)?)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| {
        let kind = path.extension().and_then(|kind| kind.to_str());
        matches!(kind, Some("json" | "yaml" | "yml"))
            && fs::metadata(path).is_ok_and(|file| file.len() >= LARGE)
    });
    paths.sort();
    Ok(paths.into_iter().map(|path| Case { path, limit: None }).collect())
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path.file_name().unwrap_or_default().to_string_lossy())
    }
}
