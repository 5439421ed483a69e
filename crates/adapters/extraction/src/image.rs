//! Pictures: how large they are, and what they are without what they tell about people.

mod exif;
mod gif;
mod jpeg;
mod png;
mod webp;

use crate::{FileKind, Rejection};

/// The size of a picture in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// What does not hold together in a picture.
type Fault = &'static str;

const TOO_SHORT: Fault = "it ends too early";

/// The size of a picture as its header says: no pixel is decoded.
pub(crate) fn dimensions(content: &[u8], kind: FileKind) -> Result<Dimensions, Rejection> {
    let found = match kind {
        FileKind::Png => png::dimensions(content),
        FileKind::Jpeg => jpeg::dimensions(content),
        FileKind::Gif => gif::dimensions(content),
        FileKind::WebP => webp::dimensions(content),
        _ => Err("it is no picture"),
    };
    let Dimensions { width, height } = found.map_err(|fault| Rejection::Broken { kind, fault })?;
    match u64::from(width) * u64::from(height) {
        0 => Err(Rejection::Broken { kind, fault: "it has no pixels" }),
        pixels if pixels > Rejection::MAX_PIXELS => Err(Rejection::TooManyPixels { width, height }),
        _ => Ok(Dimensions { width, height }),
    }
}

/// The picture without metadata: where and when it was taken, with which device, what is written in it, its
/// thumbnail, and whatever follows its end.
///
/// Pixels, colour profiles, animations and the way it is turned stay as they are; nothing is encoded anew. A picture
/// whose structure is broken is refused, since what cannot be followed cannot be cleaned.
pub fn without_metadata(content: &[u8], kind: FileKind) -> Result<Vec<u8>, Rejection> {
    dimensions(content, kind)?;
    let cleaned = match kind {
        FileKind::Png => png::without_metadata(content),
        FileKind::Jpeg => jpeg::without_metadata(content),
        FileKind::Gif => gif::without_metadata(content),
        _ => webp::without_metadata(content),
    };
    cleaned.map_err(|fault| Rejection::Broken { kind, fault })
}

/// Bytes that are read from the front.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(TOO_SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(|_| TOO_SHORT)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.array::<1>()?[0])
    }

    fn expect(&mut self, expected: &[u8], fault: Fault) -> Result<(), Fault> {
        if self.take(expected.len())? == expected { Ok(()) } else { Err(fault) }
    }
}
