//! Telling clients that the offer is another one: of each list only if its bytes differ, of each page only if its text
//! does. Whoever listens asks again; for nothing, if it is told too much.

use std::collections::{BTreeSet, HashMap, HashSet};

use oasgate_mcp::Changes;
use oasgate_tools::Catalog;

use super::offer::{Difference, Offer};
use super::resources;

/// Tells what has changed (2026-07-28, server/tools.mdx, "List Changed Notification"; server/resources.mdx,
/// "Subscriptions").
pub(super) fn tell(changes: &Changes, old: &Offer, new: &Offer, difference: &Difference) {
    if old.tools != new.tools {
        changes.tools_changed();
    }
    if old.resources.list != new.resources.list || old.resources.templates != new.resources.templates {
        changes.resources_changed();
    }
    let (before, after) = (&old.caller.catalog, &new.caller.catalog);
    if resources::table(before) != resources::table(after) {
        changes.resource_updated(resources::TABLE);
    }
    let names = [&difference.added, &difference.removed, &difference.changed].into_iter().flatten();
    let touched: HashSet<&str> = names.map(String::as_str).collect();
    let (before, after) = (pages(before, &touched), pages(after, &touched));
    let uris: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for uri in uris.into_iter().filter(|uri| before.get(*uri) != after.get(*uri)) {
        changes.resource_updated(uri);
    }
}

/// The pages of these tools by URI.
fn pages(catalog: &Catalog, tools: &HashSet<&str>) -> HashMap<String, String> {
    let tools = catalog.tools().iter().filter(|tool| tools.contains(tool.name.as_str()));
    tools.map(|tool| (resources::uri_of(catalog, tool), resources::page(tool))).collect()
}
