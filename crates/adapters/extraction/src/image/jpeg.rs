//! JPEG (ITU-T T.81) in its interchange format.

use super::{Dimensions, Fault, Input, exif};

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const COMMENT: u8 = 0xfe;

/// A marker with what follows it.
struct Segment<'a> {
    marker: u8,
    data: &'a [u8],
}

impl<'a> Segment<'a> {
    fn read(input: &mut Input<'a>) -> Result<Self, Fault> {
        input.expect(&[0xff], "a marker is missing")?;
        let mut marker = input.byte()?;
        while marker == 0xff {
            marker = input.byte()?; // any number of these may come before a marker
        }
        if marker == END {
            return Ok(Self { marker, data: &[] });
        }
        // Restart markers and others that stand alone belong into scans.
        if marker < 0xc0 || (0xd0..=START).contains(&marker) {
            return Err("a marker is out of place");
        }
        let length = usize::from(u16::from_be_bytes(input.array()?));
        Ok(Self { marker, data: input.take(length.checked_sub(2).ok_or("a length is wrong")?)? })
    }

    /// Whether it begins a frame: the header with the size.
    fn is_frame(&self) -> bool {
        (0xc0..=0xcf).contains(&self.marker) && ![0xc4, 0xc8, 0xcc].contains(&self.marker)
    }

    /// What stays of the segment: all of what pixels and colours are made by, nothing of what tells more.
    fn cleaned(&self) -> Option<Vec<u8>> {
        match self.marker {
            // JFIF without its thumbnail.
            0xe0 if self.data.starts_with(b"JFIF\0") && self.data.len() >= 14 => {
                Some([&self.data[..12], &[0, 0]].concat())
            }
            0xe2 if self.data.starts_with(b"ICC_PROFILE\0") => Some(self.data.to_vec()),
            // How colours are transformed.
            0xee if self.data.starts_with(b"Adobe") && self.data.len() >= 12 => {
                Some(self.data[..12].to_vec())
            }
            0xe1 => {
                let minimal = exif::minimal(self.data.strip_prefix(b"Exif\0\0")?)?;
                Some([b"Exif\0\0", &*minimal].concat())
            }
            0xe0..=0xef | 0xf0..=COMMENT => None,
            _ => Some(self.data.to_vec()),
        }
    }
}

fn write(marker: u8, data: &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {
    let length = u16::try_from(data.len() + 2).map_err(|_| "a segment is too long")?;
    output.extend_from_slice(&[0xff, marker]);
    output.extend_from_slice(&length.to_be_bytes());
    output.extend_from_slice(data);
    Ok(())
}

fn begin(content: &[u8]) -> Result<Input<'_>, Fault> {
    let mut input = Input(content);
    input.expect(&[0xff, START], "its signature is wrong")?;
    Ok(input)
}

pub(super) fn dimensions(content: &[u8]) -> Result<Dimensions, Fault> {
    let mut input = begin(content)?;
    loop {
        let segment = Segment::read(&mut input)?;
        if segment.is_frame() {
            let mut frame = Input(segment.data);
            frame.take(1)?;
            let (height, width) = (u16::from_be_bytes(frame.array()?), u16::from_be_bytes(frame.array()?));
            return Ok(Dimensions { width: width.into(), height: height.into() });
        }
        if [SCAN, END].contains(&segment.marker) {
            return Err("its size is missing");
        }
    }
}

pub(super) fn without_metadata(content: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut input = begin(content)?;
    let mut output = vec![0xff, START];
    let (mut frames, mut has_scan, mut has_exif) = (0, false, false);
    loop {
        let segment = Segment::read(&mut input)?;
        frames += usize::from(segment.is_frame());
        match segment.marker {
            _ if frames > 1 => return Err("it has two sizes"),
            SCAN if frames == 0 => return Err("its size is missing"),
            END if !has_scan => return Err("it has no pixels"),
            END => {
                output.extend_from_slice(&[0xff, END]);
                return Ok(output);
            }
            0xe1 if has_exif => {}
            marker => {
                if let Some(data) = segment.cleaned() {
                    write(marker, &data, &mut output)?;
                    has_exif |= marker == 0xe1;
                }
            }
        }
        if segment.marker == SCAN {
            output.extend_from_slice(scan(&mut input)?);
            has_scan = true;
        }
    }
}

/// The compressed pixels up to the next marker, in which `ff 00` stands for `ff`, and restarts are no end.
fn scan<'a>(input: &mut Input<'a>) -> Result<&'a [u8], Fault> {
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
    let end = input.0.windows(2).position(is_end).ok_or(super::TOO_SHORT)?;
    input.take(end)
}
