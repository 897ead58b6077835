//! CPU time and peak memory from a file to its tools, in a process for each description: memory that one has given back
//! would count for the next.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use oasgate::description::{Locate, Order};
use oasgate::source::Source;
use oasgate::upstream::{Limits, Upstream};

use crate::Failure;
use crate::cases::cases;

/// Processes for each description; the best counts, as other work on the machine only ever adds.
const RUNS: usize = 5;

/// What a tick of `/proc/self/stat` is worth: USER_HZ is 100 wherever Linux runs (proc_pid_stat(5)).
const TICK: Duration = Duration::from_millis(10);

/// What one process spent.
#[derive(Debug, Clone, Copy)]
struct Spent {
    cpu: Duration,
    megabytes: u64,
    tools: usize,
}

/// Measures every description, and compares with the limits.
pub(crate) fn of_all() -> Result<ExitCode, Failure> {
    let mut within = true;
    for case in cases() {
        let runs = (0..RUNS).map(|_| run(&case.path)).collect::<Result<Vec<_>, _>>()?;
        let Some(best) = runs.iter().min_by_key(|spent| spent.cpu) else { continue };
        let megabytes = runs.iter().map(|spent| spent.megabytes).max().unwrap_or_default();
        let fits = case.limit.is_none_or(|limit| best.cpu <= limit.cpu && megabytes <= limit.megabytes);
        within &= fits;
        let most = case.limit.map(|limit| format!(" (at most {:?}, {} MB)", limit.cpu, limit.megabytes));
        println!(
            "{case}: {:?} CPU, {megabytes} MB{}, {} tools{}",
            best.cpu,
            most.unwrap_or_default(),
            best.tools,
            if fits { "" } else { ": TOO MUCH" }
        );
    }
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads one description as the program does, and says what that has cost so far.
pub(crate) fn of_one(path: &str) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tools = runtime.block_on(async {
        let upstream = Upstream::direct(Limits::DEFAULT)?;
        let source = Source::open(path, &[], &upstream)?;
        let order = Order { source, overlays: Vec::new(), options: oasgate_tools::Options::default() };
        let description = order.read(|reading| reading.describe(Locate::FirstErrors(0))).await?;
        Ok::<usize, Failure>(description.catalog.tools().len())
    })?;
    println!("{} {} {tools}", ticks().ok_or("no /proc/self/stat")?, peak().ok_or("no /proc/self/status")?);
    Ok(())
}

fn run(path: &Path) -> Result<Spent, Failure> {
    let output = Command::new(std::env::current_exe()?).arg("--peak-of").arg(path).output()?;
    let said = String::from_utf8(output.stdout)?;
    let numbers = said.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?;
    let [ticks, kibibytes, tools] = numbers.as_slice() else {
        return Err(format!("{}: {}", path.display(), String::from_utf8_lossy(&output.stderr)).into());
    };
    let cpu = TICK * u32::try_from(*ticks)?;
    Ok(Spent { cpu, megabytes: (kibibytes * 1024).div_ceil(1_000_000), tools: usize::try_from(*tools)? })
}

/// User and system time of this process so far: the 14th and 15th field of its line, the 12th and 13th behind the name,
/// which may have spaces.
fn ticks() -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [user, system] = fields.get(11..13)? else { return None };
    Some(user.parse::<u64>().ok()? + system.parse::<u64>().ok()?)
}

/// The most memory this process has had, in KiB (proc_pid_status(5)).
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
