//! Prints the text of a file, and what it is: `extract FILE`. Called as `extract extract`, it is the child process.
#![expect(clippy::print_stdout, reason = "it is a program")]

use std::{env, error::Error, fs, path::Path, process::ExitCode};

use extraction::{Extractor, check_extension, sniff};

fn main() -> ExitCode {
    let Some(argument) = env::args_os().nth(1) else {
        eprintln!("usage: extract FILE");
        return ExitCode::FAILURE;
    };
    if argument == "extract" {
        return extraction::child_main();
    }
    match show(Path::new(&argument)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn show(path: &Path) -> Result<(), Box<dyn Error>> {
    let content = fs::read(path)?;
    let sniffed = sniff(&content)?;
    check_extension(&path.to_string_lossy(), sniffed.kind)?;
    let extracted = Extractor::new(env::current_exe()?, "extract").extract(sniffed.kind, &content).await?;
    eprintln!(
        "{}, active content {:?}, needs OCR: {}, is cut: {}",
        sniffed.kind.label(),
        extracted.active_content(),
        extracted.needs_ocr(),
        extracted.is_cut()
    );
    for page in extracted.pages() {
        eprintln!("page {}", page.number);
        page.lines.iter().for_each(|line| println!("{}", line.text));
    }
    Ok(())
}
