//! The `touchstone` program: reads the command line, does what it says, and ends with one line when it fails.

use std::process::ExitCode;

use clap::Parser as _;
use touchstone::{cli::Cli, commands, exit::Failure, output};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(commands::run(cli));
            // What still runs was told to stop and had its time.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(Failure::fault(error)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::notice(format_args!("touchstone: {failure}"));
            ExitCode::from(failure.code())
        }
    }
}
