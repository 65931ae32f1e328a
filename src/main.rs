//! The command line of attestor: `attestor --help`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
