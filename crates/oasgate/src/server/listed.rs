//! A tool as `tools/list` has it.

use oasgate_tools::Tool;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// A tool as `tools/list` has it (2026-07-28, schema, `Tool`).
///
/// # Errors
/// None but what serde foresees.
pub fn listed(tool: &Tool) -> serde_json::Result<Box<RawValue>> {
    to_raw_value(&Listed {
        name: &tool.name,
        title: &tool.title,
        description: &tool.description,
        input_schema: tool.input_schema(),
        output_schema: tool.output_schema(),
        annotations: Annotations {
            title: &tool.title,
            read_only_hint: tool.annotations.read_only,
            destructive_hint: tool.annotations.destructive,
            idempotent_hint: tool.annotations.idempotent,
            open_world_hint: tool.annotations.open_world,
        },
        meta: Meta {
            operation: format!("{} {}", tool.operation.method, tool.operation.path),
            operation_id: tool.operation.id.as_deref(),
        },
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'t> {
    name: &'t str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'t str,
    description: &'t str,
    input_schema: &'t RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_schema: Option<&'t RawValue>,
    annotations: Annotations<'t>,
    #[serde(rename = "_meta")]
    meta: Meta<'t>,
}

/// 2026-07-28, schema, `ToolAnnotations`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Annotations<'t> {
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'t str,
    read_only_hint: bool,
    destructive_hint: bool,
    idempotent_hint: bool,
    open_world_hint: bool,
}

/// The operation behind a tool, for hosts and people; models do not get to see it.
#[derive(Serialize)]
struct Meta<'t> {
    #[serde(rename = "oasgate/operation")]
    operation: String,
    #[serde(rename = "oasgate/operationId", skip_serializing_if = "Option::is_none")]
    operation_id: Option<&'t str>,
}
