//! `attestor claims`.

use attestor::report::catalogue_table;

use super::args::ClaimsArguments;
use super::exit::{Exit, Failure};
use super::output;

/// Prints the catalogue.
pub fn run(arguments: &ClaimsArguments) -> Result<Exit, Failure> {
    if arguments.json {
        output::print_json(&catalogue_table::json())?;
    } else {
        output::print(&catalogue_table::text())?;
    }
    Ok(Exit::Success)
}
