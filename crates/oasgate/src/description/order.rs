//! What is to be read, and the thread on which that is done: descriptions nest deeply and refer to each other, so it has
//! a stack of its own, and it may block on the network.

use std::fs::File;
use std::io::{self, Read as _};
use std::time::Duration;

use oasgate_spec::Documents as _;
use oasgate_spec::overlay::Overlay;
use tokio::sync::oneshot;
use url::Url;

use super::Reading;
use crate::exit::Failure;
use crate::report::Progress;
use crate::source::Source;

/// A description to be read.
#[derive(Debug)]
pub struct Order {
    /// Where it is read from.
    pub source: Source,
    /// What is applied to its entry document before, in this order.
    pub overlays: Vec<Overlay>,
    /// How it becomes tools.
    pub options: oasgate_tools::Options,
}

/// Bytes of stack for reading and compiling.
const STACK: usize = 64 << 20;

/// Bytes that an overlay may have: those written by hand have thousands.
const OVERLAY_LIMIT: u64 = 16 << 20;

/// How long nothing is said about reading.
const PATIENCE: Duration = Duration::from_secs(1);

impl Order {
    /// Reads the description, and makes of it what is wanted, on a thread with enough stack.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub async fn read<T: Send + 'static>(
        self,
        then: impl FnOnce(Reading) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let shown = self.source.name(&self.source.entry());
        let (done, result) = oneshot::channel();
        let work = move || {
            // Nobody waits any more if the program is being stopped.
            let _ = done.send(then(Reading::of(self)));
        };
        let thread = std::thread::Builder::new().name("load".to_owned()).stack_size(STACK).spawn(work);
        thread.map_err(|error| Failure::Setup(format!("cannot start a thread: {error}")))?;
        let lost = |_| {
            Failure::Description("reading the description failed; please report this as a defect".to_owned())
        };
        watched(result, &shown).await.map_err(lost)
    }
}

/// Waits, and shows that if it takes long.
async fn watched<T>(mut result: oneshot::Receiver<T>, shown: &str) -> Result<T, oneshot::error::RecvError> {
    tokio::select! {
        biased;
        result = &mut result => return result,
        () = tokio::time::sleep(PATIENCE) => {}
    }
    let progress = Progress::start(format!("reading {shown}"));
    let result = result.await;
    drop(progress);
    result
}

/// Reads an overlay from a file.
///
/// # Errors
/// The operator's: there is no such file, or it is too long.
pub fn overlay(path: &str) -> Result<Overlay, Failure> {
    let unreadable =
        |error: io::Error| Failure::Description(format!("cannot read the overlay {path}: {error}"));
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(OVERLAY_LIMIT + 1).read_to_end(&mut text))
        .map_err(unreadable)?;
    if text.len() as u64 > OVERLAY_LIMIT {
        return Err(unreadable(io::Error::new(io::ErrorKind::FileTooLarge, "it has more than 16 MiB")));
    }
    let uri = std::path::absolute(path).ok().and_then(|path| Url::from_file_path(path).ok());
    let uri = uri.map_or_else(|| format!("overlay:{path}"), String::from);
    Ok(Overlay { name: path.into(), uri: uri.into(), text })
}
