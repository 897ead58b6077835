//! A request and an outcome, for a terminal or a pipe.

use std::io::{self, IsTerminal as _, Write};

use bytes::Bytes;
use http::Request;
use oasgate_tools::{Outcome, Part};

use crate::exit::Failure;
use crate::server::written;

/// The request, as people read it.
pub(super) fn request(request: &Request<Bytes>, out: &mut impl Write) -> Result<(), Failure> {
    Ok(out.write_all(written(request).as_bytes())?)
}

/// The parts of an outcome: text as it is; a single file as its bytes, unless that would go to a terminal.
pub(super) fn outcome(outcome: &Outcome, out: &mut impl Write) -> Result<(), Failure> {
    if let [Part::Image { data, .. } | Part::Audio { data, .. } | Part::File { data, .. }] =
        outcome.parts.as_slice()
        && !io::stdout().is_terminal()
    {
        out.write_all(data)?;
        return Ok(());
    }
    for part in &outcome.parts {
        match part {
            Part::Text(text) => writeln!(out, "{}", text.trim_end_matches('\n'))?,
            Part::Image { media_type, data } | Part::Audio { media_type, data } => {
                writeln!(out, "({} bytes of {media_type})", data.len())?;
            }
            Part::File { media_type, name, data } => {
                let name = name.as_deref().unwrap_or("a file");
                writeln!(out, "({name}: {} bytes of {media_type})", data.len())?;
            }
        }
    }
    Ok(())
}
