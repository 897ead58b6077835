//! What each method means: the requests that are answered at once, and what the others need. Knows no transport.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::about::About;
use crate::asks::Asking;
use crate::capabilities::{Capabilities, ClientFeature, TASKS};
use crate::context::Context;
use crate::declare;
use crate::dispatch::{Core, Known, Peer, Selected, Stated, Step, Stream, purpose_of, shown};
use crate::envelope::Request;
use crate::fault::Fault;
use crate::handler::{Handler, ToolCall};
use crate::job::{Job, Work};
use crate::json;
use crate::list::{CacheScope, ListOptions, Pages, push_caching};
use crate::listen::{Filter, Listening};
use crate::outlet::{Outlet, QUEUE};
use crate::params::Params;
use crate::prompt::PromptGet;
use crate::reply::{Frames, Reply};
use crate::resource::ResourceRead;
use crate::revision::{Era, Revision};
use crate::session::Session;
use crate::tasks::Tasks;

/// One request, and all that is known of it.
struct Asked<'a, H> {
    core: &'a Core<H>,
    request: &'a Request<'a>,
    selected: &'a Selected<'a>,
    context: Context,
}

/// Answers a request, or says what it needs.
pub(crate) fn serve<H: Handler>(
    core: &Core<H>,
    request: &Request<'_>,
    selected: &Selected<'_>,
    peer: &mut Peer,
) -> Result<Step, Fault> {
    let context = context(core, selected, peer);
    let asked = Asked { core, request, selected, context };
    let era = selected.revision.era();
    let reply = match (era, &*request.method) {
        (Era::Legacy, "initialize") => asked.initialize(peer)?,
        (Era::Legacy, "ping") => asked.empty(),
        (Era::Legacy, "logging/setLevel") => asked.set_level(peer)?,
        (Era::Legacy, "resources/subscribe" | "resources/unsubscribe") => asked.subscribe(peer)?,
        (Era::Modern, "server/discover") => asked.discover(),
        (Era::Modern, "subscriptions/listen") => return asked.listen(),
        (Era::Modern, "tasks/get" | "tasks/update" | "tasks/cancel") => asked.task()?,
        (_, "tools/list" | "resources/list" | "resources/templates/list" | "prompts/list") => asked.list()?,
        _ => return asked.job(peer),
    };
    tracing::debug!(method = %request.method, revision = %selected.revision, "answered");
    Ok(Step::Done(reply))
}

fn context<H: Handler>(core: &Core<H>, selected: &Selected<'_>, peer: &Peer) -> Context {
    let Selected { revision, meta, .. } = selected;
    let mut context = Context::new(*revision);
    context.client = meta.client_info().map(Arc::new);
    match revision.era() {
        // A modern request stands alone; what an earlier one said of the client doesn't count for it
        // (2026-07-28, basic/index.mdx, "Statelessness").
        Era::Modern => context.capabilities = meta.capabilities(),
        Era::Legacy => {
            let session = peer.session.session();
            context.client = context.client.or_else(|| session.and_then(|session| session.client.clone()));
            // A client that can't be reached while its request runs can't be asked, whatever it declares.
            if let (Some(session), false) = (session, matches!(peer.stream, Stream::None)) {
                context.capabilities = session.capabilities.clone();
            }
        }
    }
    context.trace = meta.trace();
    context.http.clone_from(&peer.http);
    context.principal = core.handler.principal(&context);
    context
}

impl<H: Handler> Asked<'_, H> {
    fn id(&self) -> &RawValue {
        self.request.id
    }

    fn params(&self) -> &Params<'_> {
        &self.selected.params
    }

    fn about(&self) -> Arc<About> {
        self.core.handler.about()
    }

    fn unknown_method(&self) -> Fault {
        Fault::UnknownMethod(shown(&self.request.method).to_owned())
    }

    fn empty(&self) -> Reply {
        Reply::result(self.id(), self.selected.revision, &self.about(), |_| {})
    }

    /// The legacy handshake (2025-11-25, basic/lifecycle.mdx, "Version Negotiation").
    fn initialize(&self, peer: &mut Peer) -> Result<Reply, Fault> {
        let params = self.params();
        let requested = Revision::parse(&params.protocol_version()?);
        let revision =
            requested.filter(|revision| revision.era() == Era::Legacy).unwrap_or(Revision::NEWEST_LEGACY);
        peer.stated = Stated::Supported(revision);
        let client = params.client_info().map(Arc::new);
        let principal = self.context.principal.clone();
        let session = Session::new(revision, client, params.capabilities(), principal);
        peer.session = Known::Session(Arc::new(session));
        let about = self.about();
        Ok(Reply::result(self.id(), revision, &about, |out| {
            out.extend_from_slice(br#""protocolVersion":"#);
            json::push(out, revision.as_str());
            out.push(b',');
            declare::push(&*self.core.handler, &about, &self.context, peer.remembers, out);
            out.extend_from_slice(br#","serverInfo":"#);
            out.extend_from_slice(about.serialised());
        }))
    }

    /// 2026-07-28, server/discover.mdx.
    fn discover(&self) -> Reply {
        let about = self.about();
        Reply::result(self.id(), self.selected.revision, &about, |out| {
            out.extend_from_slice(br#""supportedVersions":"#);
            json::push(out, &Revision::ALL.map(Revision::as_str));
            out.push(b',');
            declare::push(&*self.core.handler, &about, &self.context, true, out);
            push_caching(out, about.ttl(), CacheScope::Private);
        })
    }

    fn list(&self) -> Result<Reply, Fault> {
        let (handler, context) = (&*self.core.handler, &self.context);
        match &*self.request.method {
            "tools/list" => self.page(handler.tools(context).pages()),
            "prompts/list" => {
                self.page(handler.prompts(context).ok_or_else(|| self.unknown_method())?.pages())
            }
            "resources/list" => match handler.resources(context) {
                Some(resources) => self.page(resources.pages()),
                None if declare::has_resources(handler, context) => {
                    self.page(&Pages::new("resources", [], &ListOptions::default()))
                }
                None => Err(self.unknown_method()),
            },
            _ => match handler.resource_templates(context) {
                Some(templates) => self.page(templates.pages()),
                None if declare::has_resources(handler, context) => {
                    self.page(&Pages::new("resourceTemplates", [], &ListOptions::default()))
                }
                None => Err(self.unknown_method()),
            },
        }
    }

    fn page(&self, pages: &Pages) -> Result<Reply, Fault> {
        let page = pages.page(self.params().cursor()?.as_deref()).ok_or_else(|| {
            Fault::InvalidParams("Invalid cursor: the list has changed; begin without one".to_owned())
        })?;
        Ok(Reply::page(self.id(), self.selected.revision.era(), &self.about(), page))
    }

    /// 2025-11-25, server/utilities/logging.mdx, "Setting Log Level".
    fn set_level(&self, peer: &Peer) -> Result<Reply, Fault> {
        let session = peer.session.session().filter(|_| self.about().has_logging());
        let session = session.ok_or_else(|| self.unknown_method())?;
        session.set_level(self.params().level()?);
        Ok(self.empty())
    }

    /// 2025-11-25, server/resources.mdx, "Subscriptions".
    fn subscribe(&self, peer: &Peer) -> Result<Reply, Fault> {
        let tells = self.core.handler.changes().is_some_and(|changes| changes.kinds().updates);
        let session = peer.session.session().filter(|_| tells).ok_or_else(|| self.unknown_method())?;
        let uri = self.params().uri()?;
        if self.request.method == "resources/unsubscribe" {
            session.unsubscribe(&uri);
        } else if !session.subscribe(&uri) {
            return Err(Fault::InvalidParams("too many subscriptions: end some".to_owned()));
        }
        Ok(self.empty())
    }

    /// 2026-07-28, basic/patterns/subscriptions.mdx.
    fn listen(&self) -> Result<Step, Fault> {
        let changes = self.core.handler.changes().ok_or_else(|| self.unknown_method())?;
        let filter = Filter::read(self.params().notifications())?;
        Ok(Step::Listen(Box::new(Listening::subscribe(self.id(), filter, changes, self.about()))))
    }

    /// SEP-2663: `tasks/get`, `tasks/update` and `tasks/cancel`.
    fn task(&self) -> Result<Reply, Fault> {
        let tasks: &Tasks = self.core.handler.tasks().ok_or_else(|| self.unknown_method())?;
        if !self.context.capabilities.tasks {
            return Err(Fault::MissingCapability(vec![ClientFeature::Extension(TASKS.to_owned())]));
        }
        let (id, principal) = (self.params().task_id()?, self.context.principal.as_deref());
        let members = match &*self.request.method {
            "tasks/get" => tasks.get(&id, principal)?,
            "tasks/update" => {
                tasks.update(&id, principal, self.params().input_responses()?)?;
                String::new()
            }
            _ => {
                tasks.cancel(&id, principal)?;
                String::new()
            }
        };
        let write = |out: &mut Vec<u8>| out.extend_from_slice(members.as_bytes());
        Ok(Reply::sized_result(self.id(), self.selected.revision, &self.about(), members.len(), write))
    }

    /// Methods that take time.
    fn job(mut self, peer: &Peer) -> Result<Step, Fault> {
        let (params, handler) = (self.params(), &*self.core.handler);
        let work = match &*self.request.method {
            "tools/call" => {
                let (name, arguments) = (params.name()?, params.arguments()?);
                self.check_param_headers(&name, arguments)?;
                Work::Tool(ToolCall::new(name, arguments.map(ToOwned::to_owned)))
            }
            "resources/read" if declare::has_resources(handler, &self.context) => {
                Work::Resource(ResourceRead::new(params.uri()?))
            }
            "prompts/get" if handler.prompts(&self.context).is_some() => {
                Work::Prompt(PromptGet::new(params.name()?, params.texts()?))
            }
            "completion/complete" if self.about().has_completions() => Work::Completion(params.completion()?),
            _ => return Err(self.unknown_method()),
        };
        let params = self.shared_params(peer);
        self.take_inputs(&params)?;
        let (asking, frames) = self.open_stream(peer)?;
        let Self { context, .. } = self;
        Ok(Step::Run(Box::new(Job { id: self.request.id.to_owned(), context, work, params, asking, frames })))
    }

    /// Only modern clients send headers for arguments, and only over HTTP.
    fn check_param_headers(&self, tool: &str, arguments: Option<&RawValue>) -> Result<(), Fault> {
        match &self.context.http {
            Some(http) if self.selected.revision.era() == Era::Modern => {
                let tools = self.core.handler.tools(&self.context);
                tools.param_headers().check(tool, &http.headers, arguments)
            }
            _ => Ok(()),
        }
    }

    fn shared_params(&self, peer: &Peer) -> Bytes {
        let params = self.request.params.map_or("{}", RawValue::get).as_bytes();
        match &peer.body {
            Some(body) if self.request.params.is_some() => body.slice_ref(params),
            _ => Bytes::copy_from_slice(params),
        }
    }

    /// What a modern client sends along when it has been asked (2026-07-28, basic/patterns/mrtr.mdx).
    fn take_inputs(&mut self, params: &[u8]) -> Result<(), Fault> {
        if self.selected.revision.era() == Era::Legacy {
            return Ok(());
        }
        self.context.inputs.responses = self.selected.params.input_responses()?;
        let Some(sealed) = self.selected.params.request_state()? else { return Ok(()) };
        let purpose = purpose_of(&self.request.method, params, self.context.principal.as_deref())?;
        let state = self.core.seal.open(&sealed, &purpose).ok_or_else(|| {
            Fault::InvalidParams(
                "`params.requestState` is not what this server gave out for this request, or has expired"
                    .to_owned(),
            )
        })?;
        self.context.inputs.state = Some(state);
        Ok(())
    }

    /// The way for what the request tells and asks while it runs, if its client wants to hear or can be asked.
    fn open_stream(&mut self, peer: &Peer) -> Result<Ways, Fault> {
        let (meta, is_legacy) = (&self.selected.meta, self.selected.revision.era() == Era::Legacy);
        let level = match peer.session.session() {
            Some(session) if is_legacy => session.level(),
            _ => meta.log_level()?,
        };
        let level = level.filter(|_| self.about().has_logging());
        let token = meta.progress_token().map(ToOwned::to_owned);
        let can_be_asked = is_legacy && self.context.capabilities != Capabilities::default();
        if token.is_none() && level.is_none() && !can_be_asked {
            return Ok((None, None));
        }
        let (frames, own) = match &peer.stream {
            Stream::None => return Ok((None, None)),
            Stream::Own => {
                let (frames, own) = mpsc::channel(QUEUE);
                (frames, Some(own))
            }
            Stream::Shared(frames) => (frames.clone(), None),
        };
        let asking = can_be_asked.then(|| Asking {
            asks: self.core.asks.clone(),
            frames: frames.clone(),
            patience: self.core.patience,
        });
        self.context.outlet = Some(Arc::new(Outlet::new(frames, token, level)));
        Ok((asking, own))
    }
}

/// How a request asks its client, and what it tells before its response.
type Ways = (Option<Asking>, Option<mpsc::Receiver<Frames>>);
