//! A child process that takes whatever its limits leave it: the tests look at what becomes of it.
#![expect(clippy::print_stdout, reason = "its standard output is its answer")]

use std::{env, fs, process::ExitCode, thread, time::Duration};

use rustix::process::{Resource, getrlimit};

fn main() -> ExitCode {
    let argument = env::args().nth(1).unwrap_or_default();
    if let Err(error) = extraction::lower_limits() {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    match argument.split_once(':').unwrap_or((&argument, "")) {
        ("loop", _) => loop {
            std::hint::black_box(());
        },
        ("sleep", _) => thread::sleep(Duration::from_secs(600)),
        ("allocate", _) => println!("{}", vec![1_u8; 600 * 1024 * 1024].len()),
        ("write", path) => println!("{}", fs::write(path, "x").is_ok()),
        ("flood", _) => loop {
            print!("{}", "x".repeat(64 * 1024));
        },
        ("overflow", _) => println!("{}", depth(0)),
        ("abort", _) => std::process::abort(),
        ("garbage", _) => println!("[1, 2, 3]"),
        ("environment", _) => answer(&format!("{:?}", env::vars().collect::<Vec<_>>())),
        ("limits", _) => {
            use Resource::{As, Core, Cpu, Fsize, Nofile, Nproc};
            let limits = [As, Cpu, Fsize, Nofile, Core, Nproc].map(|resource| getrlimit(resource).maximum);
            answer(&format!("{limits:?}"));
        }
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}

/// What a child that read a file says.
fn answer(text: &str) {
    let text = text.replace('"', "'");
    println!("{{\"Ok\":{{\"text\":\"{text}\",\"is_cut\":false,\"needs_ocr\":false,\"active_content\":[]}}}}");
}

#[expect(unconditional_recursion, reason = "this is how a stack overflows")]
fn depth(from: u64) -> u64 {
    std::hint::black_box(depth(std::hint::black_box(from + 1)) + 1)
}
