//! WebP (RFC 9649).

use super::{Dimensions, Fault, Input, exif};

/// Flags of the extended header: that there is EXIF, and XMP.
const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;

/// What may follow the header of a frame in an animation.
const OF_FRAMES: [&[u8; 4]; 3] = [b"ALPH", b"VP8 ", b"VP8L"];

struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn read(input: &mut Input<'a>) -> Result<Self, Fault> {
        let name = input.array()?;
        let length = u32::from_le_bytes(input.array()?) as usize;
        let data = input.take(length)?;
        input.take(length % 2)?;
        Ok(Self { name, data })
    }

    fn write(&self, output: &mut Vec<u8>) -> Result<(), Fault> {
        let length = u32::try_from(self.data.len()).map_err(|_| "a chunk is too long")?;
        output.extend_from_slice(&self.name);
        output.extend_from_slice(&length.to_le_bytes());
        output.extend_from_slice(self.data);
        output.extend(std::iter::repeat_n(0, self.data.len() % 2));
        Ok(())
    }

    /// The size, where the chunk tells one.
    fn dimensions(&self) -> Result<Option<Dimensions>, Fault> {
        let mut input = Input(self.data);
        Ok(Some(match &self.name {
            b"VP8X" => {
                input.take(4)?;
                let mut side =
                    || Ok::<_, Fault>(input.array().map(|[a, b, c]| u32::from_le_bytes([a, b, c, 0]))? + 1);
                Dimensions { width: side()?, height: side()? }
            }
            b"VP8 " => {
                input.take(3)?;
                input.expect(b"\x9d\x01\x2a", "a frame has no header")?;
                let mut side = || Ok::<_, Fault>(u32::from(u16::from_le_bytes(input.array()?) & 0x3fff));
                Dimensions { width: side()?, height: side()? }
            }
            b"VP8L" => {
                input.expect(b"\x2f", "a frame has no header")?;
                let bits = u32::from_le_bytes(input.array()?);
                Dimensions { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 }
            }
            _ => return Ok(None),
        }))
    }
}

/// The chunks, without what follows the end that the file itself says.
fn chunks(content: &[u8]) -> Result<Vec<Chunk<'_>>, Fault> {
    let mut input = Input(content);
    input.expect(b"RIFF", "its signature is wrong")?;
    let length = u32::from_le_bytes(input.array()?) as usize;
    let mut input = Input(input.take(length)?);
    input.expect(b"WEBP", "its signature is wrong")?;
    let mut chunks = Vec::new();
    while !input.0.is_empty() {
        chunks.push(Chunk::read(&mut input)?);
    }
    Ok(chunks)
}

/// The largest size that any of its parts says, lest a small one hides a large one.
pub(super) fn dimensions(content: &[u8]) -> Result<Dimensions, Fault> {
    let (mut width, mut height) = (0, 0);
    for chunk in chunks(content)? {
        if let Some(found) = chunk.dimensions()? {
            (width, height) = (width.max(found.width), height.max(found.height));
        }
    }
    Ok(Dimensions { width, height })
}

pub(super) fn without_metadata(content: &[u8]) -> Result<Vec<u8>, Fault> {
    let chunks = chunks(content)?;
    let is_extended = chunks.first().is_some_and(|chunk| chunk.name == *b"VP8X");
    if !chunks.iter().any(|chunk| [*b"VP8 ", *b"VP8L", *b"ANMF"].contains(&chunk.name)) {
        return Err("it has no pixels");
    }
    let orientation = chunks.iter().find(|chunk| chunk.name == *b"EXIF" && is_extended);
    let orientation = orientation
        .and_then(|chunk| exif::minimal(chunk.data.strip_prefix(b"Exif\0\0").unwrap_or(chunk.data)));
    let mut output = b"RIFF\0\0\0\0WEBP".to_vec();
    for chunk in &chunks {
        match &chunk.name {
            b"VP8X" => {
                let mut data = chunk.data.to_vec();
                let flags = data.first_mut().ok_or(super::TOO_SHORT)?;
                *flags &= !(EXIF_FLAG | XMP_FLAG);
                *flags |= if orientation.is_some() { EXIF_FLAG } else { 0 };
                Chunk { data: &data, ..*chunk }.write(&mut output)?;
            }
            b"ANMF" => {
                let data = frame(chunk.data)?;
                Chunk { data: &data, ..*chunk }.write(&mut output)?;
            }
            b"VP8 " | b"VP8L" | b"ALPH" | b"ANIM" | b"ICCP" => chunk.write(&mut output)?,
            _ => {}
        }
    }
    if let Some(data) = orientation {
        Chunk { name: *b"EXIF", data: &data }.write(&mut output)?;
    }
    let length = u32::try_from(output.len() - 8).map_err(|_| "it is too long")?;
    output[4..8].copy_from_slice(&length.to_le_bytes());
    Ok(output)
}

/// A frame of an animation: where and how long it is shown, and its own chunks.
fn frame(data: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut input = Input(data);
    let mut output = input.take(16)?.to_vec();
    while !input.0.is_empty() {
        let chunk = Chunk::read(&mut input)?;
        if OF_FRAMES.contains(&&chunk.name) {
            chunk.write(&mut output)?;
        }
    }
    Ok(output)
}
