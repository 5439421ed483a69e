//! GIF (87a and 89a).

use super::{Dimensions, Fault, Input};

const EXTENSION: u8 = 0x21;
const PICTURE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;

/// How long a frame is shown and what is transparent in it.
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;

/// How often an animation is shown again.
const LOOP: &[u8] = b"NETSCAPE2.0";

pub(super) fn dimensions(content: &[u8]) -> Result<Dimensions, Fault> {
    let mut input = Input(content);
    input.take(6)?;
    let (width, height) = (u16::from_le_bytes(input.array()?), u16::from_le_bytes(input.array()?));
    Ok(Dimensions { width: width.into(), height: height.into() })
}

/// The bytes of the colour table that flags announce.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Blocks of up to 255 bytes, ended by an empty one.
fn blocks<'a>(input: &mut Input<'a>) -> Result<&'a [u8], Fault> {
    let start = input.0;
    loop {
        let length = input.byte()?;
        if length == 0 {
            return Ok(&start[..start.len() - input.0.len()]);
        }
        input.take(length.into())?;
    }
}

pub(super) fn without_metadata(content: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut input = Input(content);
    let screen = input.take(13)?;
    let mut output = [screen, input.take(table(screen[10]))?].concat();
    let mut has_frame = false;
    loop {
        match input.byte()? {
            TRAILER if !has_frame => return Err("it has no pixels"),
            TRAILER => {
                output.push(TRAILER);
                return Ok(output);
            }
            PICTURE => {
                let frame = input.take(9)?;
                let colours = input.take(table(frame[8]))?;
                let code_size = input.take(1)?;
                output.push(PICTURE);
                let pixels = blocks(&mut input)?;
                output.extend([frame, colours, code_size, pixels].into_iter().flatten());
                has_frame = true;
            }
            EXTENSION => {
                let label = input.byte()?;
                let data = blocks(&mut input)?;
                match (label, data) {
                    (CONTROL, [4, control @ .., 0]) if control.len() == 4 => {
                        output.extend_from_slice(&[EXTENSION, CONTROL]);
                        output.extend_from_slice(data);
                    }
                    (APPLICATION, [11, rest @ ..]) if rest.starts_with(LOOP) => {
                        if let [3, 1, low, high, ..] = rest[LOOP.len()..] {
                            output.extend_from_slice(&[EXTENSION, APPLICATION, 11]);
                            output.extend_from_slice(LOOP);
                            output.extend_from_slice(&[3, 1, low, high, 0]);
                        }
                    }
                    _ => {}
                }
            }
            _ => return Err("a block is out of place"),
        }
    }
}
