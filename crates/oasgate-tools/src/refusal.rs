//! Why a call was not made, in words a model can act on.

use std::fmt;

/// A call that was refused before any request was made. Whoever reads it is a model: it names each argument, what
/// was expected, what was got, and what to send instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, most important first; never empty.
    pub faults: Vec<Fault>,
    /// Arguments that would be accepted in form, as JSON, if that helps.
    pub skeleton: Option<String>,
}

/// One thing wrong with the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A JSON pointer (RFC 6901) into the arguments; empty means the arguments as a whole.
    pub pointer: String,
    /// What was expected, what was got, what to do.
    pub message: String,
}

impl Refusal {
    /// A refusal for one reason.
    #[must_use]
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { faults: vec![Fault { pointer: pointer.into(), message: message.into() }], skeleton: None }
    }

    /// A refusal for what is wrong with one argument, by its name.
    #[must_use]
    pub fn argument(name: &str, message: impl Into<String>) -> Self {
        Self::new(token(name), message)
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The arguments were not accepted; nothing was sent.")?;
        for Fault { pointer, message } in &self.faults {
            let pointer = if pointer.is_empty() { "(arguments)" } else { pointer };
            write!(f, "\n- {pointer}: {message}")?;
        }
        match &self.skeleton {
            Some(skeleton) => write!(f, "\nArguments of this form would be accepted: {skeleton}"),
            None => Ok(()),
        }
    }
}

/// A name as one step of a JSON pointer, its slash included (RFC 6901, 3).
pub(crate) fn token(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
