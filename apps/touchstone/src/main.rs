//! The `touchstone` program: reads the command line, does what it says, and ends with one line when it fails.

use std::process::ExitCode;

use clap::Parser as _;
use touchstone::{cli::Cli, commands, exit::Failure, options, output};

fn main() -> ExitCode {
    // Before there are threads: the child takes away what it does not need, for good.
    if std::env::args_os().nth(1).is_some_and(|first| first == options::EXTRACT) {
        return extraction::child_main();
    }
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
