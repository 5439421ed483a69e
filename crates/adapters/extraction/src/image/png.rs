//! PNG, third edition (W3C, 2025).

use super::{Dimensions, Fault, Input, exif};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What a picture is shown by: pixels, transparency, colours, density, animation. Whatever else there is goes.
const KEPT: [&[u8; 4]; 17] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"bKGD", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"cICP", b"mDCV", b"cLLI", b"pHYs", b"acTL", b"fcTL",
];

/// The frames of an animation.
const FRAME: &[u8; 4] = b"fdAT";

struct Chunk<'a> {
    name: [u8; 4],
    data: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn read(input: &mut Input<'a>) -> Result<Self, Fault> {
        let length = u32::from_be_bytes(input.array()?);
        let name: [u8; 4] = input.array()?;
        let data = input.take(length as usize)?;
        let sum = u32::from_be_bytes(input.array()?);
        let chunk = Self { name, data };
        if sum == chunk.sum() { Ok(chunk) } else { Err("a checksum is wrong") }
    }

    fn sum(&self) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&self.name);
        hasher.update(self.data);
        hasher.finalize()
    }

    fn write(&self, output: &mut Vec<u8>) -> Result<(), Fault> {
        let length = u32::try_from(self.data.len()).map_err(|_| "a chunk is too long")?;
        output.extend_from_slice(&length.to_be_bytes());
        output.extend_from_slice(&self.name);
        output.extend_from_slice(self.data);
        output.extend_from_slice(&self.sum().to_be_bytes());
        Ok(())
    }
}

/// The signature and the header that must follow it.
fn begin(content: &[u8]) -> Result<(Input<'_>, Chunk<'_>), Fault> {
    let mut input = Input(content);
    input.expect(SIGNATURE, "its signature is wrong")?;
    let header = Chunk::read(&mut input)?;
    if header.name != *b"IHDR" || header.data.len() != 13 {
        return Err("it does not begin with its header");
    }
    Ok((input, header))
}

pub(super) fn dimensions(content: &[u8]) -> Result<Dimensions, Fault> {
    let (_, header) = begin(content)?;
    let mut header = Input(header.data);
    let (width, height) = (u32::from_be_bytes(header.array()?), u32::from_be_bytes(header.array()?));
    Ok(Dimensions { width, height })
}

pub(super) fn without_metadata(content: &[u8]) -> Result<Vec<u8>, Fault> {
    let (mut input, header) = begin(content)?;
    let mut output = SIGNATURE.to_vec();
    header.write(&mut output)?;
    let (mut has_pixels, mut has_exif) = (false, false);
    loop {
        let chunk = Chunk::read(&mut input)?;
        let is_critical = chunk.name[0].is_ascii_uppercase();
        has_pixels |= chunk.name == *b"IDAT";
        match &chunk.name {
            b"IHDR" => return Err("it has two headers"),
            b"IEND" if !has_pixels => return Err("it has no pixels"),
            b"IEND" => {
                Chunk { data: &[], ..chunk }.write(&mut output)?;
                return Ok(output);
            }
            b"eXIf" if !has_exif => {
                if let Some(data) = exif::minimal(chunk.data) {
                    Chunk { data: &data, ..chunk }.write(&mut output)?;
                    has_exif = true;
                }
            }
            name if KEPT.contains(&name) || name == FRAME => chunk.write(&mut output)?,
            _ if is_critical => return Err("it has a part that no picture has"),
            _ => {}
        }
    }
}
