//! Room in memory for the answers of all calls together: each byte takes some as it arrives, and gives it back when
//! nobody has the answer any more.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The room there is.
#[derive(Debug, Clone)]
pub(super) struct Room(Arc<Semaphore>);

/// What one answer takes of it.
#[derive(Debug, Default)]
pub(super) struct Taken(Option<OwnedSemaphorePermit>);

/// Bytes, and what they take.
struct Owned {
    bytes: Bytes,
    _taken: Taken,
}

impl Room {
    /// Room for so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    /// Takes room for so many bytes more. `None` if there is none: whoever waited for it would wait for others who
    /// wait as well.
    pub(super) fn take(&self, bytes: usize, taken: &mut Taken) -> Option<()> {
        let more = Arc::clone(&self.0).try_acquire_many_owned(bytes.try_into().ok()?).ok()?;
        match &mut taken.0 {
            Some(taken) => taken.merge(more),
            none => *none = Some(more),
        }
        Some(())
    }
}

impl Taken {
    /// The bytes; the last that has some of them gives the room back.
    pub(super) fn keep_for(self, bytes: Bytes) -> Bytes {
        if bytes.is_empty() { bytes } else { Bytes::from_owner(Owned { bytes, _taken: self }) }
    }
}

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
