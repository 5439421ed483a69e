//! Reads an export with all cores, in the order of its lines and a few at a time: one thread reads, the others take the
//! lines apart and hash them.

use std::{
    io::{self, BufRead, Read as _},
    num::NonZero,
    sync::mpsc::{self, Receiver, SyncSender},
    thread::{self, available_parallelism},
};

use uuid::Uuid;

use super::export_line::{LONGEST, Line, Spelling, id_of};

/// How much is read before it is taken apart.
const BATCH: usize = 256 * 1024;
/// More threads than these would wait for the one that reads.
const MOST_THREADS: usize = 4;
/// How many batches wait for each thread, and how many for whoever asked.
const WAITING: usize = 2;

/// What is read for.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadOptions {
    pub(super) spelling: Spelling,
    /// An event that is looked for.
    pub(super) event: Option<Uuid>,
}

/// A line that was taken apart.
pub(super) struct Taken {
    pub(super) number: u64,
    pub(super) line: Result<Line, String>,
    /// Whether it claims to be the event that is looked for.
    pub(super) wanted: bool,
}

/// Lines that stand together.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
    /// Why no more lines follow.
    fault: Option<String>,
}

/// The next line without its end, into `line`; whether there was one.
pub(super) fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, String> {
    let most = LONGEST as u64 + 1;
    let before = line.len();
    let read = input.take(most).read_until(b'\n', line).map_err(|error: io::Error| error.to_string())?;
    if read > LONGEST {
        return Err("it is longer than 1 MiB".to_owned());
    }
    if line.len() > before && line.ends_with(b"\n") {
        line.pop();
    }
    Ok(read > 0)
}

impl Batch {
    fn read(input: &mut impl BufRead) -> Option<Self> {
        let mut batch = Self::default();
        while batch.bytes.len() < BATCH {
            match next_line(input, &mut batch.bytes) {
                Ok(true) => batch.ends.push(batch.bytes.len()),
                Ok(false) => break,
                Err(fault) => {
                    batch.fault = Some(fault);
                    break;
                }
            }
        }
        (!batch.ends.is_empty() || batch.fault.is_some()).then_some(batch)
    }

    /// Lines without numbers, which follow from their order.
    fn taken(self, options: ReadOptions) -> Vec<Taken> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let lines = starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end]);
        let taken = lines.map(|bytes| {
            let line = Line::read(bytes, options.spelling);
            let is_wanted = options.event.is_some_and(|event| id_of(bytes) == Some(event));
            Taken { number: 0, line, wanted: is_wanted }
        });
        let fault =
            self.fault.iter().map(|fault| Taken { number: 0, line: Err(fault.clone()), wanted: false });
        taken.chain(fault).collect()
    }
}

/// Hands over every line after the first, in order, until there are no more or `take` has enough.
pub(super) fn each_line(
    input: impl BufRead + Send,
    options: ReadOptions,
    mut take: impl FnMut(Taken) -> bool,
) {
    let threads = available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    thread::scope(|scope| {
        // Batches go round the threads, and come back round: so they keep their order.
        let mut to_threads: Vec<SyncSender<Batch>> = Vec::new();
        let mut from_threads: Vec<Receiver<Vec<Taken>>> = Vec::new();
        for _ in 0..threads {
            let (to, batches) = mpsc::sync_channel::<Batch>(WAITING);
            let (done, from) = mpsc::sync_channel(WAITING);
            scope.spawn(move || {
                for batch in batches {
                    if done.send(batch.taken(options)).is_err() {
                        return;
                    }
                }
            });
            to_threads.push(to);
            from_threads.push(from);
        }
        scope.spawn(move || {
            let mut input = input;
            for thread in to_threads.iter().cycle() {
                let Some(batch) = Batch::read(&mut input) else { return };
                let is_last = batch.fault.is_some();
                if thread.send(batch).is_err() || is_last {
                    return;
                }
            }
        });
        let mut number = 1;
        for thread in from_threads.iter().cycle() {
            let Ok(lines) = thread.recv() else { break };
            for line in lines {
                number += 1;
                if !take(Taken { number, ..line }) {
                    // Everyone else ends when nobody listens any more.
                    from_threads.clear();
                    return;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const OPTIONS: ReadOptions = ReadOptions { spelling: Spelling::AsItStands, event: None };

    fn numbers(text: Vec<u8>, most: usize) -> Vec<(u64, Result<Line, String>)> {
        let mut taken = Vec::new();
        each_line(Cursor::new(text), OPTIONS, |line| {
            taken.push((line.number, line.line));
            taken.len() < most
        });
        taken
    }

    #[test]
    fn lines_come_in_their_order_however_many_threads_read_them() {
        let lines: Vec<String> = (0..50_000).map(|n| format!("{{\"events\":{n},\"size\":{n}}}")).collect();
        let taken = numbers(lines.join("\n").into_bytes(), usize::MAX);
        let expected = (0..50_000).map(|n| (n + 2, Ok(Line::End { events: n, size: n })));
        assert!(taken.into_iter().eq(expected));
    }

    #[test]
    fn whoever_has_enough_is_not_read_to() {
        let text = "{\"events\":1,\"size\":1}\n".repeat(100_000);
        assert_eq!(numbers(text.into_bytes(), 3).len(), 3);
    }

    #[test]
    fn a_line_that_is_too_long_is_the_last() {
        let text =
            [b"{\"events\":1,\"size\":1}\n".to_vec(), vec![b'x'; 3 * LONGEST], b"\n{}\n".to_vec()].concat();
        let taken = numbers(text, usize::MAX);
        assert_eq!(taken[0].0, 2);
        assert_eq!(taken[1..], [(3, Err("it is longer than 1 MiB".to_owned()))]);
        let fits = vec![b'x'; LONGEST - 1];
        assert!(next_line(&mut Cursor::new([fits, b"\n".to_vec()].concat()), &mut Vec::new()).is_ok());
    }

    #[test]
    fn the_last_line_needs_no_end_and_an_empty_one_is_a_line() {
        let taken = numbers(b"{\"events\":1,\"size\":1}\n\n{\"events\":1,\"size\":1}".to_vec(), usize::MAX);
        assert_eq!(taken.iter().map(|(_, line)| line.is_ok()).collect::<Vec<_>>(), [true, false, true]);
    }
}
