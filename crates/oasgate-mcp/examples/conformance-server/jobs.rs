//! Tools that go on as tasks, for clients that know them.

use std::time::Duration;

use oasgate_mcp::{CallError, Context, Elicited, InputRequired, Task, Tasks, ToolResult};
use serde_json::Value;
use tokio::time::sleep;

use crate::asking::{form, one};
use crate::tools::Arguments;

pub(crate) const NAMES: [&str; 6] = [
    "slow_compute",
    "failing_job",
    "protocol_error_job",
    "confirm_delete",
    "multi_input",
    "test_tool_with_task",
];

pub(crate) async fn call(
    tasks: &Tasks,
    tool: &str,
    arguments: &Arguments,
    context: &Context,
) -> Result<ToolResult, CallError> {
    match tool {
        "slow_compute" => {
            let seconds = arguments.get("seconds").and_then(Value::as_u64).unwrap_or(1);
            let work = compute(seconds);
            // What is quick, or can't be a task, is done at once.
            if seconds == 0 || !context.capabilities.tasks {
                return work.await;
            }
            Err(tasks.start(context, |_| work))
        }
        "failing_job" => Err(tasks.start(context, |_| async {
            sleep(Duration::from_millis(100)).await;
            Ok(ToolResult::error("This job always fails."))
        })),
        "protocol_error_job" => Err(tasks
            .start(context, |_| async { Err(CallError::Internal("This job always breaks.".to_owned())) })),
        "confirm_delete" => Err(tasks.start(context, confirm)),
        "multi_input" => Err(tasks.start(context, several)),
        _ => {
            let Some(Elicited::Accepted(who)) = context.inputs.elicited("user_name") else {
                let request = form("What is your name?", &one("name", "string"))?;
                return Err(InputRequired::new("user_name", request).into());
            };
            Err(tasks.start(context, |_| async move {
                Ok(ToolResult::text(format!("Done, {}", Value::Object(who))))
            }))
        }
    }
}

async fn compute(seconds: u64) -> Result<ToolResult, CallError> {
    sleep(Duration::from_secs(seconds)).await;
    Ok(ToolResult::text(format!("It took {seconds} s.")))
}

async fn confirm(task: Task) -> Result<ToolResult, CallError> {
    let request = form("Really?", &one("confirm", "boolean"))?;
    let inputs = task.ask(InputRequired::new("confirm", request)).await?;
    Ok(ToolResult::text(format!("The user said {:?}", inputs.elicited("confirm"))))
}

async fn several(task: Task) -> Result<ToolResult, CallError> {
    let required = InputRequired::new("first", form("First?", &one("name", "string"))?)
        .and("second", form("Second?", &one("name", "string"))?);
    let inputs = task.ask(required).await?;
    Ok(ToolResult::text(format!("{:?}, {:?}", inputs.elicited("first"), inputs.elicited("second"))))
}
