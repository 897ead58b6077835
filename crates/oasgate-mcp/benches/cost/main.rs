//! What the protocol costs, without upstream: CPU time and allocations for each message, held to limits.
//!
//! ```sh
//! cargo bench -p oasgate-mcp --bench cost
//! ```
//!
//! Every message is measured twice: as the router answers it, and as `http::serve` does over TCP, where a client on a
//! thread of its own keeps several connections busy. Time is what the thread of the server has spent on a CPU, in the
//! kernel, too, so that the client and other work on the machine don't count; allocations are all there are, for the
//! client makes none. Prints a table, and ends with 1 if a limit is passed.

#![expect(clippy::print_stdout, reason = "it reports")]

mod cases;
mod clock;
mod echo;
mod router;
mod wire;

use std::alloc::System;
use std::process::ExitCode;
use std::time::Duration;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use cases::{Case, cases};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Failure = Box<dyn std::error::Error>;

/// What one message costs.
struct Cost {
    cpu: Duration,
    allocations: usize,
    bytes: usize,
}

fn main() -> Result<ExitCode, Failure> {
    println!("| message | revision | through | CPU µs | at most | allocations | at most | bytes allocated |");
    println!("|---|---|---|---|---|---|---|---|");
    let server = wire::Server::start()?;
    let mut within = true;
    for case in cases() {
        // The limits are of the protocol. What a socket costs on top of it is the system's, and only told.
        within &= report(&case, "router", &router::measure(&case)?);
        report(&case, "TCP", &wire::measure(&server, &case)?);
    }
    Ok(if within { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints a row; whether it is within the limits.
fn report(case: &Case, way: &str, cost: &Cost) -> bool {
    let within = cost.cpu <= case.cpu && cost.allocations <= case.allocations;
    println!(
        "| {} | {} | {way} | {:.1}{} | {} | {} | {} | {} |",
        case.name,
        case.revision,
        cost.cpu.as_secs_f64() * 1e6,
        if within { "" } else { " TOO MUCH" },
        case.cpu.as_micros(),
        cost.allocations,
        case.allocations,
        cost.bytes,
    );
    within
}

/// What is allocated for each of `rounds` messages while `run` runs, rounded up.
fn allocations<T>(rounds: usize, run: impl FnOnce() -> T) -> (usize, usize, T) {
    let region = Region::new(ALLOCATOR);
    let done = run();
    let spent = region.change();
    let each = |sum: usize| sum.div_ceil(rounds);
    (each(spent.allocations + spent.reallocations), each(spent.bytes_allocated), done)
}
