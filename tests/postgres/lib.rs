//! A PostgreSQL server for tests: in a folder that is removed afterwards, on a socket in that folder.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "whoever calls it is a test")]

use std::io::Write as _;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Where Debian, Ubuntu, Fedora, Alpine and Homebrew put what a server needs.
const PLACES: [&str; 5] = [
    "/usr/lib/postgresql",
    "/usr/libexec/postgresql",
    "/usr/pgsql",
    "/opt/homebrew/opt/postgresql",
    "/usr/local/opt/postgresql",
];
/// The user `nobody`: a server refuses to be run by root.
const NOBODY: u32 = 65_534;
/// The server ends with who has started it, however that ends: then this shell reads the end of its input. It ends at
/// once, as in a crash: what has been committed must be there all the same.
const KEEPER: &str = r#"
    home=$1
    shift
    "$0" -D "$home/data" -k "$home" -c listen_addresses= -c max_connections=200 "$@" >"$home/log" 2>&1 &
    read -r word
    kill -QUIT $!
    wait $!
    [ "$word" = keep ] || rm -rf "$home""#;

/// A server that runs until it is dropped, or the process ends.
#[derive(Debug)]
pub struct Server {
    binaries: PathBuf,
    folder: PathBuf,
    options: Vec<String>,
    keeper: Child,
    databases: AtomicU32,
}

impl Server {
    /// The one that all tests of a process share. None, with a word about it, where PostgreSQL is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Server>> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(|_| Vec::new())).as_ref()
    }

    /// One of its own, with the options that are given for its folder.
    pub fn start(options: impl FnOnce(&Path) -> Vec<String>) -> Option<Self> {
        let Some(binaries) = find() else {
            println!("skipped: no PostgreSQL in {PLACES:?}");
            return None;
        };
        let folder = tempfile::tempdir().unwrap().keep();
        if is_root(&folder) {
            chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let arguments =
            ["-U", "oasgate", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D", "data"];
        let made = as_owner(&folder, &binaries.join("initdb")).args(arguments).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let options = options(&folder);
        let keeper = keep(&binaries, &folder, &options);
        let server = Self { binaries, folder, options, keeper, databases: AtomicU32::new(0) };
        server.wait();
        Some(server)
    }

    /// The URL of a new, empty database.
    pub fn new_database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::SeqCst));
        self.run("createdb", &[&name]);
        let folder: String =
            url::form_urlencoded::byte_serialize(self.folder.to_str().unwrap().as_bytes()).collect();
        format!("postgres://oasgate@{folder}/{name}")
    }

    /// Asks the server something, without a store.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.run("psql", &["-qAtX", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql])
    }

    /// Stops the server in the middle of whatever it does, and starts it again.
    pub fn restart(&mut self) {
        self.keeper.stdin.take().unwrap().write_all(b"keep\n").unwrap();
        self.keeper.wait().unwrap();
        self.keeper = keep(&self.binaries, &self.folder, &self.options);
        self.wait();
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(self.binaries.join(program));
        command.env("PGPORT", self.port()).arg("-h").arg(&self.folder).args(["-U", "oasgate"]);
        let done = command.args(arguments).output().unwrap();
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    fn port(&self) -> &str {
        let given = self.options.iter().skip_while(|option| *option != "-p").nth(1);
        given.map_or("5432", String::as_str)
    }

    fn wait(&self) {
        let is_ready = || {
            let mut command = Command::new(self.binaries.join("pg_isready"));
            command
                .env("PGPORT", self.port())
                .arg("-q")
                .arg("-h")
                .arg(&self.folder)
                .status()
                .unwrap()
                .success()
        };
        for _ in 0..600 {
            if is_ready() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{}", std::fs::read_to_string(self.folder.join("log")).unwrap());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().unwrap();
    }
}

fn keep(binaries: &Path, folder: &Path, options: &[String]) -> Child {
    let mut command = as_owner(folder, Path::new("/bin/sh"));
    command.arg("-c").arg(KEEPER).arg(binaries.join("postgres")).arg(folder).args(options);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A program that works in the folder, as the user whose it is.
pub fn as_owner(folder: &Path, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    if is_root(Path::new("/proc/self")) {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Whether a file of ours belongs to root, because we are root.
fn is_root(own: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(own).is_ok_and(|file| file.uid() == 0)
}

/// The programs of the newest server that is installed.
fn find() -> Option<PathBuf> {
    let versions = PLACES.iter().filter_map(|place| std::fs::read_dir(place).ok()).flatten();
    let direct = PLACES.iter().map(PathBuf::from);
    let folders =
        versions.filter_map(|entry| Some(entry.ok()?.path())).chain(direct).map(|path| path.join("bin"));
    let usable = folders
        .filter(|folder| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file()));
    usable.max()
}
