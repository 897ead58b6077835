//! Connections: made when needed, kept for later, and dropped as soon as anything is odd about them.
//!
//! A connection is driven by who uses it, and by nobody while it is idle: no task runs for it. Whoever is cancelled in the
//! middle drops theirs, and with it whatever it has begun, for the server undoes what is not committed.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, select};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, NoTls};

use super::address::Address;
use super::session::Session;
use crate::store::StoreError;

/// The connections of one process: a server has a hundred unless told, and they are shared.
const MOST: usize = 8;

/// All connections to one database.
pub(super) struct Links {
    address: Address,
    idle: Mutex<Vec<Idle>>,
    free: Arc<Semaphore>,
}

/// A connection in use.
pub(super) struct Link {
    session: Arc<Session>,
    traffic: Traffic,
    is_used: bool,
    place: OwnedSemaphorePermit,
}

struct Idle {
    session: Arc<Session>,
    traffic: Traffic,
}

/// What moves bytes while it is polled. None when the connection has ended.
struct Traffic(Option<BoxFuture<'static, Result<(), Error>>>);

/// Why the server did not do something.
pub(super) enum Failure {
    /// It said so, or the connection failed.
    Server(Error),
    /// Anything else.
    Store(StoreError),
}

impl Links {
    pub(super) fn to(address: Address) -> Self {
        Self { address, idle: Mutex::default(), free: Arc::new(Semaphore::new(MOST)) }
    }

    /// A connection that seems to be alive.
    pub(super) async fn take(&self) -> Result<Link, Failure> {
        let place = Arc::clone(&self.free).acquire_owned().await;
        let place = place.map_err(|_| StoreError("the store is closed".to_owned()))?;
        while let Some(mut idle) = self.idle().pop() {
            if idle.traffic.is_alive() {
                return Ok(Link { session: idle.session, traffic: idle.traffic, is_used: true, place });
            }
        }
        let (client, mut traffic) = self.connect().await?;
        let session = traffic.drive(Session::begin(client)).await?;
        Ok(Link { session: Arc::new(session), traffic, is_used: false, place })
    }

    /// Keeps a connection on which nothing is under way.
    pub(super) fn put_back(&self, link: Link) {
        let Link { session, traffic, place, .. } = link;
        self.idle().push(Idle { session, traffic });
        drop(place);
    }

    async fn connect(&self) -> Result<(Client, Traffic), Error> {
        let Address { config, tls } = &self.address;
        if let Some(tls) = tls {
            let (client, connection) = config.connect(tls.clone()).await?;
            return Ok((client, Traffic(Some(connection.boxed()))));
        }
        let (client, connection) = config.connect(NoTls).await?;
        Ok((client, Traffic(Some(connection.boxed()))))
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    pub(super) fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session)
    }

    /// Whether it has been idle: the server may have closed it in the meantime.
    pub(super) fn is_used(&self) -> bool {
        self.is_used
    }

    /// Does something over this connection.
    pub(super) async fn drive<T>(
        &mut self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        self.traffic.drive(work).await
    }
}

impl Traffic {
    /// Whether the server has not closed the connection, as far as is known without asking it.
    fn is_alive(&mut self) -> bool {
        self.0.as_mut().is_some_and(|traffic| traffic.now_or_never().is_none())
    }

    async fn drive<T, E: Into<Failure>>(
        &mut self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        let work = pin!(work);
        let Some(traffic) = &mut self.0 else { return work.await.map_err(Into::into) };
        match select(work, traffic).await {
            Either::Left((done, _)) => done.map_err(Into::into),
            Either::Right((ended, work)) => {
                // With this goes what would have brought the answer: the work ends, if only because of that.
                self.0 = None;
                work.await.map_err(|error| ended.err().map_or_else(|| error.into(), Failure::Server))
            }
        }
    }
}

impl Failure {
    /// Whether the connection is gone: without a word, or with one of class 57P, operator intervention (PostgreSQL,
    /// appendix A).
    pub(super) fn is_closed(&self) -> bool {
        let Self::Server(error) = self else { return false };
        error.as_db_error().is_none_or(|told| told.code().code().starts_with("57P"))
    }

    /// What the server called it.
    pub(super) fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Server(error) => error.code(),
            Self::Store(_) => None,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => error,
            Failure::Server(error) => Self(match error.as_db_error() {
                // Not its details, which repeat values.
                Some(told) => format!("the database said: {} ({})", told.message(), told.code().code()),
                None => format!("the database: {}", chain(&error)),
            }),
        }
    }
}

/// What failed, and why.
fn chain(error: &dyn std::error::Error) -> String {
    let reasons = std::iter::successors(error.source(), |reason| reason.source());
    reasons.fold(error.to_string(), |text, reason| {
        let reason = reason.to_string();
        if text.contains(&reason) { text } else { format!("{text}: {reason}") }
    })
}
