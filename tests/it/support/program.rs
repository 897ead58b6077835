//! Runs the built program, with an environment of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

/// A command of the program, run from the root of the repository, without credentials or proxies around it.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oasgate-under-test"));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().to_uppercase();
        if name.starts_with("OASGATE_") || name.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    command
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// What a command that has ended left behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The command as a test prints it: exit code, stdout, stderr.
pub(crate) fn shown(arguments: &[&str]) -> String {
    let Ended { code, stdout, stderr } = run(command(arguments));
    format!("exit {code}\n--- stdout\n{stdout}--- stderr\n{stderr}")
}

/// A server that has said where it is.
pub(crate) struct Server {
    child: Child,
    /// The URL of its MCP endpoint.
    pub(crate) url: String,
    /// All that it said before it said that.
    pub(crate) report: String,
    rest: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts a command and waits until it tells its MCP URL.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, told) = mpsc::channel();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let rest = std::thread::spawn(move || {
            let mut report = String::new();
            loop {
                let mut line = String::new();
                if stderr.read_line(&mut line).unwrap() == 0 {
                    return report;
                }
                report.push_str(&line);
                if let Some(url) = line.strip_prefix("MCP URL") {
                    tell.send((url.trim().to_owned(), report)).unwrap();
                    let mut rest = String::new();
                    stderr.read_to_string(&mut rest).unwrap();
                    return rest;
                }
            }
        });
        let (url, report) = told.recv_timeout(Duration::from_secs(60)).unwrap();
        Self { child, url, report, rest: Some(rest) }
    }

    /// What the report says behind this label.
    pub(crate) fn reported(&self, label: &str) -> &str {
        let line = self.report.lines().find_map(|line| line.strip_prefix(label));
        line.unwrap_or_else(|| panic!("no {label} in:\n{}", self.report)).trim()
    }

    /// Another URL of the same server.
    pub(crate) fn at(&self, path: &str) -> String {
        let origin = self.url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        format!("{origin}{path}")
    }

    /// What Linux says of the memory under this name, in KiB (proc_pid_status(5)).
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap()
    }

    pub(crate) fn terminate(&self) {
        terminate(self.child.id());
    }

    /// Waits for the end: the exit code, and all that was said on stdout and stderr.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        let mut said = self.report.clone();
        said.push_str(&self.rest.take().unwrap().join().unwrap());
        self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        (code, said)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tells a server to stop, and waits for it: all that it has said.
pub(crate) fn terminate_server(server: Server) -> String {
    server.terminate();
    server.end().1
}

/// Sends SIGTERM to a process that a test has started.
pub(crate) fn terminate(process: u32) {
    let status = Command::new("kill").args(["-s", "TERM", &process.to_string()]).status().unwrap();
    assert!(status.success());
}
