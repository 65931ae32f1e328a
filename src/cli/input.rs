//! Reading files and claims given on the command line.

use std::io::Read;
use std::path::Path;

use attestor::catalogue::request::{Fields, Request};

use super::args::ClaimArguments;
use super::exit::Failure;

/// The text of a file, or of standard input for `-`.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let read = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    read.map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
}

/// The claim id and the fields that flags and claim file state together.
pub fn stated(arguments: &ClaimArguments) -> Result<(String, Fields), Failure> {
    let mut fields = arguments.fields();
    let mut id = arguments.id.clone();
    if let Some(path) = &arguments.claim {
        let (file_id, file) = Fields::from_claim_file(&read_text(path)?)
            .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        if let Some(id) = id.as_ref().filter(|id| **id != file_id) {
            return Err(Failure::usage(format!("the claim file is about {file_id}, the command line about {id}")));
        }
        id = Some(file_id);
        fields = fields.join(&file).map_err(Failure::usage)?;
    }
    let id = id.ok_or_else(|| {
        Failure::usage(
            "no claim: give an id such as sparse-averaging/moment-curve, or --claim FILE (see `attestor claims`)",
        )
    })?;
    Ok((id, fields))
}

/// The request that flags and claim file make together.
pub fn request(arguments: &ClaimArguments) -> Result<Request, Failure> {
    let (id, fields) = stated(arguments)?;
    Request::new(&id, &fields).map_err(Failure::usage)
}
