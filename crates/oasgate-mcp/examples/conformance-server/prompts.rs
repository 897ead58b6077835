//! The prompts, and what completes their arguments.

use oasgate_mcp::{
    CallError, Completion, CompletionQuery, Content, Context, InputRequired, PromptGet, PromptMessage,
    PromptResult, ResourceBody,
};
use serde_json::{Value, json};

use crate::asking::{form, one};
use crate::tools::PIXEL;

pub(crate) fn list() -> Vec<Value> {
    let prompt = |name: &str, arguments: &[&str]| {
        let argument = |name: &&str| json!({"name": name, "description": "A text", "required": true});
        let arguments: Vec<_> = arguments.iter().map(argument).collect();
        json!({"name": name, "description": format!("A fixture: {name}."), "arguments": arguments})
    };
    vec![
        prompt("test_simple_prompt", &[]),
        prompt("test_prompt_with_arguments", &["arg1", "arg2"]),
        prompt("test_prompt_with_embedded_resource", &["resourceUri"]),
        prompt("test_prompt_with_image", &[]),
        prompt("test_input_required_result_prompt", &[]),
    ]
}

pub(crate) fn get(prompt: &PromptGet, context: &Context) -> Result<PromptResult, CallError> {
    let text = |text: String| PromptMessage::user(Content::Text(text));
    let argument = |name: &str| {
        let missing = || CallError::InvalidParams(format!("the argument `{name}` is missing"));
        prompt.arguments.get(name).ok_or_else(missing)
    };
    let messages = match &*prompt.name {
        "test_simple_prompt" => vec![text("This is a simple prompt for testing.".to_owned())],
        "test_prompt_with_arguments" => {
            let (first, second) = (argument("arg1")?, argument("arg2")?);
            vec![text(format!("Prompt with arguments: arg1='{first}', arg2='{second}'"))]
        }
        "test_prompt_with_embedded_resource" => vec![
            PromptMessage::user(Content::Resource {
                uri: argument("resourceUri")?.clone(),
                mime: Some("text/plain".to_owned()),
                body: ResourceBody::Text("This is embedded.".to_owned()),
            }),
            text("Do something with the resource above.".to_owned()),
        ],
        "test_prompt_with_image" => vec![
            PromptMessage::user(Content::Image { data: PIXEL.into(), mime: "image/png".to_owned() }),
            text("Say what is in the image above.".to_owned()),
        ],
        "test_input_required_result_prompt" => {
            let answer = context.inputs.elicited("user_context").ok_or(InputRequired::new(
                "user_context",
                form("What context should the prompt use?", &one("context", "string"))?,
            ))?;
            vec![text(format!("In this context: {answer:?}"))]
        }
        _ => return Err(CallError::UnknownPrompt(prompt.name.clone())),
    };
    Ok(PromptResult::new(messages))
}

pub(crate) fn complete(query: &CompletionQuery) -> Completion {
    let words = ["testing", "test", "paris", "park"];
    let fits = |word: &&str| word.starts_with(&query.value);
    Completion::new(words.into_iter().filter(fits).map(str::to_owned).collect())
}
