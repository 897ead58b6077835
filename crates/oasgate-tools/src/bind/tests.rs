//! Requests as they go on the wire, for plans of one or a few slots.

mod hostile;
mod places;
mod table;

use http::{Method, Request};
use oasgate_spec::{Place, Serialization, Style};
use serde_json::{Map, Value};

use super::*;
use crate::plan::{Piece, Segment};

/// A `GET https://api.example/v1/x` with nothing in it.
fn plan() -> Plan {
    Plan {
        method: Method::GET,
        server: Some(Base { origin: "https://api.example".into(), path: "/v1".into() }),
        path: vec![literal("x")],
        fixed_query: None,
        slots: Vec::new(),
        body: None,
        accept: "application/json".into(),
        security: Vec::new(),
        responses: Vec::new(),
    }
}

fn literal(text: &str) -> Segment {
    Segment(vec![Piece::Literal(text.into())])
}

/// An optional slot, required in a path, whose argument has the name on the wire.
fn slot(place: Place, name: &str, serialization: Serialization) -> Slot {
    Slot { argument: name.into(), name: name.into(), place, required: place == Place::Path, serialization }
}

fn styled(style: Style, explode: bool) -> Serialization {
    Serialization::Style { style, explode, allow_reserved: false, allow_empty: false }
}

fn reserved(style: Style, explode: bool) -> Serialization {
    Serialization::Style { style, explode, allow_reserved: true, allow_empty: false }
}

/// A plan with this one slot; in a path it is a segment of its own between two others.
fn plan_of(slot: Slot) -> Plan {
    let mut plan = plan();
    if slot.place == Place::Path {
        plan.path = vec![literal("x"), Segment(vec![Piece::Slot(0)]), literal("end")];
    }
    plan.slots = vec![slot];
    plan
}

/// Binds with the arguments written as JSON.
fn call(plan: &Plan, arguments: &str) -> Result<Request<Bytes>, Refusal> {
    let arguments: Map<String, Value> = serde_json::from_str(arguments).expect("the row is JSON");
    bind(plan, &arguments)
}

/// What the slot of this plan becomes: the segment, the query, the header field, or the cookies.
fn wire(plan: &Plan, arguments: &str) -> String {
    let request = call(plan, arguments).unwrap_or_else(|refusal| panic!("{arguments}: {refusal}"));
    let field = |name: &str| {
        let value = request.headers().get(name);
        value.map_or("(none)".into(), |value| String::from_utf8(value.as_bytes().to_vec()).expect("UTF-8"))
    };
    match &plan.slots[0] {
        Slot { place: Place::Path, .. } => {
            let path = request.uri().path();
            path.strip_prefix("/v1/x/")
                .and_then(|rest| rest.strip_suffix("/end"))
                .expect("affixes")
                .to_owned()
        }
        Slot { place: Place::Query | Place::QueryString, .. } => {
            request.uri().query().unwrap_or("(none)").into()
        }
        Slot { place: Place::Header, name, .. } => field(name),
        Slot { place: Place::Cookie, .. } => field("cookie"),
    }
}

/// The pointer of the one fault, for arguments that must be refused.
fn refused(plan: &Plan, arguments: &str) -> String {
    match call(plan, arguments) {
        Err(refusal) => {
            assert_eq!(refusal.faults.len(), 1);
            refusal.faults[0].pointer.clone()
        }
        Ok(request) => panic!("{arguments} was sent as {} {:?}", request.uri(), request.headers()),
    }
}
