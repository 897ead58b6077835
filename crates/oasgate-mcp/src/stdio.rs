//! The stdio transport: one message per line, in all revisions. Owns reading, writing and the end of the process's
//! conversation; knows nothing of what methods mean but `notifications/cancelled`, which is the transport's own.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader, BufWriter};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::asks::Asks;
use crate::batch::Batch;
use crate::capabilities::Capabilities;
use crate::dispatch::{self, Core, Known, Peer, Stated, Step, Stream, shown};
use crate::envelope::{self, Message, Payload};
use crate::fault::Fault;
use crate::handler::Handler;
use crate::listen::Listening;
use crate::params::Params;
use crate::reply::{Frames, Reply};
use crate::revision::{Era, Revision};
use crate::seal::Seal;
use crate::session::Session;

mod lines;
#[cfg(test)]
mod tests;

use lines::{Line, Lines};

/// How the transport behaves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// How many bytes a message may have; 4 MiB unless told. Longer ones are skipped and refused.
    pub line_limit: usize,
    /// How many calls run at the same time; 64 unless told. More wait for their turn.
    pub in_flight: usize,
    /// How long calls may go on after the input has ended: ten seconds unless told.
    pub grace: Duration,
    /// How many messages a batch may have; a hundred unless told.
    pub batch: usize,
    /// How many subscriptions there may be at the same time; 64 unless told.
    pub streams: usize,
    /// How state that travels through the client is sealed.
    pub seal: Seal,
    /// How long a legacy client that is asked something may take to answer; five minutes unless told.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            line_limit: 4 * 1024 * 1024,
            in_flight: 64,
            grace: Duration::from_secs(10),
            batch: 100,
            streams: 64,
            seal: Seal::default(),
            patience: Duration::from_secs(300),
        }
    }
}

/// Serves one client until `input` ends; then finishes what is in flight and flushes `output`. Nothing but messages is
/// written to it (2026-07-28, basic/transports/stdio.mdx).
///
/// # Errors
/// When `input` can't be read or `output` can't be written. What a client sends is never an error here.
pub async fn serve<H, R, W>(handler: Arc<H>, input: R, output: W, options: Options) -> io::Result<()>
where
    H: Handler,
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let (replies, queue) = mpsc::channel(64);
    let writing = write(output, queue);
    let reading = read(Conversation::new(handler, replies, &options), input, &options);
    tokio::pin!(writing);
    tokio::select! {
        // Ends first only if it fails: the queue is open as long as there is something that may reply.
        failed = &mut writing => failed,
        ended = reading => {
            writing.await?;
            ended
        }
    }
}

async fn read<H: Handler>(
    mut conversation: Conversation<H>,
    input: impl AsyncRead + Unpin,
    options: &Options,
) -> io::Result<()> {
    let mut lines = Lines::new(BufReader::new(input), options.line_limit);
    let ended = loop {
        match lines.next().await {
            Ok(Some(Line::Whole(line))) => conversation.receive(line).await,
            Ok(Some(Line::TooLong)) => conversation.refuse_long_line().await,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    conversation.finish(options.grace).await;
    ended
}

/// Writes each reply as one line, and flushes when no other waits.
async fn write(output: impl AsyncWrite + Unpin, mut queue: mpsc::Receiver<Frames>) -> io::Result<()> {
    let mut output = BufWriter::new(output);
    while let Some(frames) = queue.recv().await {
        // The frames of a list are long, shared, and of one line: they are not joined.
        for frame in frames {
            if frame.contains(&b'\n') || frame.contains(&b'\r') {
                output.write_all(&Frames::one(frame).into_line()).await?;
            } else {
                output.write_all(&frame).await?;
            }
        }
        output.write_all(b"\n").await?;
        if queue.is_empty() {
            output.flush().await?;
        }
    }
    output.flush().await
}

/// What goes on between the process and its client.
struct Conversation<H> {
    core: Arc<Core<H>>,
    options: Options,
    replies: mpsc::Sender<Frames>,
    peer: Peer,
    turns: Arc<Semaphore>,
    running: JoinSet<Vec<Box<str>>>,
    /// By id as written, how to give up the calls that run.
    cancellations: HashMap<Box<str>, CancellationToken>,
    /// Those who listen; they end when the input does.
    listening: JoinSet<Option<Box<str>>>,
    /// Cancelled when the input has ended.
    closing: CancellationToken,
    /// Tells the legacy client, once it has shaken hands.
    news: Option<AbortHandle>,
}

impl<H: Handler> Conversation<H> {
    fn new(handler: Arc<H>, replies: mpsc::Sender<Frames>, options: &Options) -> Self {
        let revision = Revision::NEWEST_LEGACY;
        // What is known before the handshake, and for ever if there is none.
        let session = Session::new(revision, None, Capabilities::default(), None);
        let peer = Peer {
            stated: Stated::Supported(revision),
            session: Known::Session(Arc::new(session)),
            http: None,
            stream: Stream::Shared(replies.clone()),
            remembers: true,
            body: None,
        };
        let core =
            Core { handler, seal: options.seal.clone(), asks: Asks::default(), patience: options.patience };
        Self {
            core: Arc::new(core),
            replies,
            peer,
            turns: Arc::new(Semaphore::new(options.in_flight.clamp(1, Semaphore::MAX_PERMITS))),
            running: JoinSet::new(),
            cancellations: HashMap::new(),
            listening: JoinSet::new(),
            closing: CancellationToken::new(),
            news: None,
            options: options.clone(),
        }
    }

    async fn receive(&mut self, line: &[u8]) {
        self.forget_ended();
        match envelope::payload(line) {
            Err(unreadable) => self.send(Reply::unreadable(&unreadable)).await,
            Ok(Payload::Single(Message::Request(request))) => {
                match dispatch::begin(&self.core, &request, &mut self.peer) {
                    Step::Done(reply) => self.send(reply).await,
                    Step::Run(job) => {
                        let job_id = vec![self.note(job.id(), job.cancellation())];
                        let running = job.run(Arc::clone(&self.core));
                        self.run(job_id, async move { running.await.map(|reply| reply.frames) });
                    }
                    Step::Listen(listening) => self.listen(request.id, *listening).await,
                }
            }
            Ok(Payload::Single(Message::Notification { method, params })) => self.notified(&method, params),
            Ok(Payload::Single(Message::Response(response))) => self.core.asks.answer(&response),
            Ok(Payload::Batch(items)) => self.batch(&items).await,
        }
    }

    /// Tells a client news until it cancels the request (2026-07-28, basic/patterns/subscriptions.mdx,
    /// "Cancellation").
    async fn listen(&mut self, id: &RawValue, listening: Listening) {
        if self.listening.len() > self.options.streams {
            let fault = Fault::InvalidParams("too many subscriptions: cancel some".to_owned());
            return self.send(Reply::fault(id, Era::Modern, &fault)).await;
        }
        let cancelled = CancellationToken::new();
        let id = self.note(id, cancelled.clone());
        let (replies, closing) = (self.replies.clone(), self.closing.clone());
        let mut listening = listening.on_shared_channel();
        self.listening.spawn(async move {
            // Nothing may be sent for what was cancelled, not even that it ends.
            tokio::select! {
                biased;
                () = cancelled.cancelled() => {}
                () = tell(&mut listening, &replies, &closing) => {}
            }
            Some(id)
        });
    }

    /// Tells a legacy client of all changes, as soon as it has shaken hands (2025-11-25, basic/lifecycle.mdx,
    /// "Initialization").
    fn listen_for_session(&mut self) {
        if let (Known::Session(session), Some(changes)) = (&self.peer.session, self.core.handler.changes()) {
            let mut listening = Listening::of_session(Arc::clone(session), changes);
            let (replies, closing) = (self.replies.clone(), self.closing.clone());
            let news = self.listening.spawn(async move {
                tell(&mut listening, &replies, &closing).await;
                None
            });
            // A second handshake is no second listener.
            if let Some(before) = self.news.replace(news) {
                before.abort();
            }
        }
    }

    async fn batch(&mut self, items: &[&RawValue]) {
        let batch = match Batch::begin(&self.core, items, &mut self.peer, self.options.batch) {
            Ok(batch) => batch,
            Err(fault) => return self.send_fault(&fault).await,
        };
        let ids = batch.jobs().map(|job| (job.id().to_owned(), job.cancellation())).collect::<Vec<_>>();
        let ids = ids.into_iter().map(|(id, token)| self.note(&id, token)).collect();
        for (method, params) in &batch.notifications {
            self.notified(method, *params);
        }
        let running = batch.run(Arc::clone(&self.core));
        self.run(ids, running);
    }

    /// Runs calls beside the others, when it is their turn.
    fn run(&mut self, ids: Vec<Box<str>>, running: impl Future<Output = Option<Frames>> + Send + 'static) {
        let (turns, replies) = (Arc::clone(&self.turns), self.replies.clone());
        self.running.spawn(async move {
            let turn = turns.acquire_owned().await;
            let frames = running.await;
            drop(turn);
            if let Some(frames) = frames {
                // Fails when the output has failed, which ends everything.
                let _ = replies.send(frames).await;
            }
            ids
        });
    }

    /// 2026-07-28, basic/patterns/cancellation.mdx: an unknown id is ignored, since the call may just have ended.
    fn notified(&mut self, method: &str, params: Option<&RawValue>) {
        match method {
            "notifications/cancelled" => {}
            "notifications/initialized" => return self.listen_for_session(),
            _ => return,
        }
        let Ok(params) = Params::read(params) else { return };
        let cancellation = params.request_id().and_then(|id| self.cancellations.remove(id.get()));
        if let Some(cancellation) = cancellation {
            let reason = params.reason().unwrap_or_default();
            tracing::debug!(reason = shown(&reason), "cancelled by the client");
            cancellation.cancel();
        }
    }

    fn note(&mut self, id: &RawValue, cancellation: CancellationToken) -> Box<str> {
        let id: Box<str> = id.get().into();
        self.cancellations.insert(id.clone(), cancellation);
        id
    }

    fn forget_ended(&mut self) {
        while let Some(ended) = self.running.try_join_next() {
            for id in ended.unwrap_or_default() {
                self.cancellations.remove(&id);
            }
        }
        while let Some(ended) = self.listening.try_join_next() {
            if let Ok(Some(id)) = ended {
                self.cancellations.remove(&id);
            }
        }
    }

    async fn refuse_long_line(&self) {
        self.send_fault(&Fault::InvalidRequest("Invalid request: longer than this server takes".into()))
            .await;
    }

    async fn send_fault(&self, fault: &Fault) {
        self.send_frames(Frames::one(fault.response(None))).await;
    }

    async fn send(&self, reply: Reply) {
        self.send_frames(reply.frames).await;
    }

    async fn send_frames(&self, frames: Frames) {
        // Fails when the output has failed, which ends everything.
        let _ = self.replies.send(frames).await;
    }

    /// Lets what is in flight come to its end, but not for ever.
    async fn finish(mut self, grace: Duration) {
        self.closing.cancel();
        let all = async {
            while self.listening.join_next().await.is_some() {}
            while self.running.join_next().await.is_some() {}
        };
        if timeout(grace, all).await.is_err() && !self.running.is_empty() {
            tracing::warn!(calls = self.running.len(), "the input ended and calls did not: given up");
        }
    }
}

/// Tells all there is, until nothing comes any more or the conversation is closing; then that it ends.
async fn tell(listening: &mut Listening, replies: &mpsc::Sender<Frames>, closing: &CancellationToken) {
    let mut is_ending = false;
    loop {
        let next = tokio::select! {
            biased;
            () = closing.cancelled(), if !is_ending => {
                is_ending = true;
                listening.end();
                continue;
            }
            next = listening.next() => next,
        };
        let Some(frames) = next else { return };
        if replies.send(frames).await.is_err() {
            return;
        }
    }
}
