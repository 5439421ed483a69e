//! Makes a list that [`SortedSha1File`] reads.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use super::{HASH_DIGITS, SortedSha1File, digest, from_hex};

/// How many are sorted in memory at a time: some 100 MB. All of Have I Been Pwned are some 200 runs of so many.
const RUN: usize = 1 << 22;

/// A leaked password: its SHA-1, and how often it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaked {
    sha1: [u8; 20],
    count: u32,
}

const OCTETS: usize = 24;

impl Leaked {
    /// Of a line of Have I Been Pwned: `SHA1:COUNT`, or the hash alone; `None` when it is neither.
    pub fn of_line(line: &str) -> Option<Self> {
        let (hash, count) = line.split_once(':').map_or((line, Some(1)), |(hash, count)| {
            (hash, count.parse::<u64>().ok().map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
        });
        let sha1 = Some(hash.as_bytes()).filter(|digits| digits.len() == HASH_DIGITS).and_then(from_hex)?;
        Some(Self { sha1, count: count? })
    }

    /// A password that was seen.
    pub fn of_password(password: &str) -> Self {
        Self { sha1: digest(password), count: 1 }
    }

    fn to_octets(self) -> [u8; OCTETS] {
        let mut octets = [0; OCTETS];
        octets[..20].copy_from_slice(&self.sha1);
        octets[20..].copy_from_slice(&self.count.to_be_bytes());
        octets
    }

    fn of_octets(octets: &[u8; OCTETS]) -> Self {
        let (mut sha1, mut count) = ([0; 20], [0; 4]);
        sha1.copy_from_slice(&octets[..20]);
        count.copy_from_slice(&octets[20..]);
        Self { sha1, count: u32::from_be_bytes(count) }
    }
}

/// Sorts any number of leaked passwords in bounded memory: runs of them are sorted, kept in files without a name beside
/// the list, and merged. What comes in order, as Have I Been Pwned has it, is one run however long.
#[derive(Debug)]
pub struct BreachListMaker {
    folder: PathBuf,
    most: usize,
    pending: Vec<Leaked>,
    runs: Vec<Run>,
}

#[derive(Debug)]
struct Run {
    file: BufWriter<File>,
    last: Leaked,
}

impl BreachListMaker {
    /// For a list in this folder, which has room for the list and for 24 octets more for each that is added.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), most: RUN, pending: Vec::new(), runs: Vec::new() }
    }

    /// Adds one; those of one hash are added up.
    pub fn add(&mut self, leaked: Leaked) -> io::Result<()> {
        self.pending.push(leaked);
        if self.pending.len() >= self.most { self.spill() } else { Ok(()) }
    }

    /// Writes the list, puts it in the place of what is there, and tells how many are in it. Whoever reads the old
    /// list goes on doing so. There must be one at least.
    pub fn finish(mut self, list: &Path) -> io::Result<u64> {
        self.spill()?;
        let new = list.with_extension("new");
        let made = self.write(&new).and_then(|count| fs::rename(&new, list).map(|()| count));
        if made.is_err() {
            // What went wrong with the list matters, not what goes wrong with taking it away.
            let _ = fs::remove_file(&new);
        }
        made
    }

    fn write(self, new: &Path) -> io::Result<u64> {
        let file = File::create(new)?;
        let written = self.merge_into(&file)?;
        file.sync_all()?;
        SortedSha1File::open(new)?;
        Ok(written)
    }

    fn spill(&mut self) -> io::Result<()> {
        self.pending.sort_unstable();
        let (Some(first), Some(last)) = (self.pending.first(), self.pending.last().copied()) else {
            return Ok(());
        };
        if self.runs.last().is_none_or(|run| run.last > *first) {
            let name = self.folder.join(format!(".run-{}-{}", std::process::id(), self.runs.len()));
            let file = OpenOptions::new().read(true).write(true).create_new(true).open(&name)?;
            fs::remove_file(&name)?;
            self.runs.push(Run { file: BufWriter::new(file), last });
        }
        if let Some(run) = self.runs.last_mut() {
            for leaked in self.pending.drain(..) {
                run.file.write_all(&leaked.to_octets())?;
            }
            run.last = last;
        }
        Ok(())
    }

    fn merge_into(self, list: &File) -> io::Result<u64> {
        let mut sources = Vec::new();
        for run in self.runs {
            let mut file = run.file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            sources.push(BufReader::new(file));
        }
        let mut nearest = BinaryHeap::new();
        for (number, source) in sources.iter_mut().enumerate() {
            nearest.extend(next(source)?.map(|leaked| Reverse((leaked, number))));
        }
        let (mut list, mut written) = (BufWriter::new(list), 0);
        let mut current: Option<Leaked> = None;
        while let Some(Reverse((leaked, number))) = nearest.pop() {
            nearest.extend(next(&mut sources[number])?.map(|leaked| Reverse((leaked, number))));
            match &mut current {
                Some(same) if same.sha1 == leaked.sha1 => {
                    same.count = same.count.saturating_add(leaked.count);
                }
                _ => {
                    written += put(&mut list, current)?;
                    current = Some(leaked);
                }
            }
        }
        written += put(&mut list, current)?;
        list.flush()?;
        Ok(written)
    }
}

fn next(source: &mut BufReader<File>) -> io::Result<Option<Leaked>> {
    let mut octets = [0; OCTETS];
    match source.read_exact(&mut octets) {
        Ok(()) => Ok(Some(Leaked::of_octets(&octets))),
        Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn put(list: &mut impl io::Write, leaked: Option<Leaked>) -> io::Result<u64> {
    let Some(Leaked { sha1, count }) = leaked else { return Ok(0) };
    for octet in sha1 {
        write!(list, "{octet:02X}")?;
    }
    writeln!(list, ":{count}")?;
    Ok(1)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::BreachList as _;

    /// A list of these, of which `most` fit into memory; and how many runs it took.
    fn made(most: usize, all: impl IntoIterator<Item = Leaked>) -> (String, usize) {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        let mut maker = BreachListMaker { most, ..BreachListMaker::new(folder.path()) };
        all.into_iter().for_each(|leaked| maker.add(leaked).unwrap());
        let runs = maker.runs.len();
        let count = maker.finish(&list).unwrap();
        let text = fs::read_to_string(&list).unwrap();
        assert_eq!(text.lines().count() as u64, count);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the list");
        (text, runs)
    }

    fn passwords(count: usize) -> impl Iterator<Item = Leaked> {
        (0..count).map(|number| Leaked::of_password(&format!("password {number}")))
    }

    #[test]
    fn what_comes_in_any_order_is_in_order_once() {
        let all: Vec<_> = passwords(1000).chain(passwords(300)).collect();
        let (whole, _) = made(RUN, all.iter().copied());
        let (merged, runs) = made(64, all);
        assert!(runs > 10, "{runs}");
        assert_eq!(merged, whole);
        let hashes: Vec<_> = merged.lines().map(|line| line.split_once(':').unwrap()).collect();
        assert!(hashes.is_sorted_by(|(one, _), (next, _)| one < next));
        assert_eq!(hashes.iter().filter(|(_, count)| *count == "2").count(), 300);
    }

    #[test]
    fn what_comes_in_order_is_one_run() {
        let (text, _) = made(RUN, passwords(1000));
        let (again, runs) = made(64, text.lines().map(|line| Leaked::of_line(line).unwrap()));
        assert_eq!((again, runs), (text, 1));
    }

    #[test]
    fn each_password_is_found_in_the_list_however_it_is_composed() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        let mut maker = BreachListMaker::new(folder.path());
        maker.add(Leaked::of_password("wa\u{308}rme u\u{308}ber den da\u{308}chern")).unwrap();
        assert_eq!(maker.finish(&list).unwrap(), 1);
        let list = SortedSha1File::open(&list).unwrap();
        assert!(list.contains(&digest("w\u{e4}rme \u{fc}ber den d\u{e4}chern")).unwrap());
        assert!(!list.contains(&digest("another")).unwrap());
    }

    #[test]
    fn lines_are_a_hash_and_perhaps_a_count() {
        let hash = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8";
        let leaked = Leaked::of_line(&format!("{hash}:52256179")).unwrap();
        assert_eq!((leaked.sha1, leaked.count), (digest("password"), 52_256_179));
        assert_eq!(Leaked::of_line(&hash.to_lowercase()), Some(Leaked::of_password("password")));
        assert_eq!(Leaked::of_line(&format!("{hash}:99999999999")).unwrap().count, u32::MAX);
        for wrong in
            ["", "password", &hash[1..], &format!("{hash}0:1"), &format!("{hash}:"), &format!("{hash}:x")]
        {
            assert_eq!(Leaked::of_line(wrong), None, "{wrong}");
        }
        let g = format!("G{}:1", &hash[1..]);
        assert_eq!(Leaked::of_line(&g), None);
    }

    #[test]
    fn nothing_makes_no_list() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        assert!(BreachListMaker::new(folder.path()).finish(&list).is_err());
        assert!(!list.exists());
    }
}
