//! The one tag of EXIF that a picture is shown by: which way it is turned.

/// The tag of the orientation, whose values are 1 (as it is stored) to 8.
const ORIENTATION: u16 = 0x0112;

/// EXIF (a TIFF file within the picture) that holds the same orientation and nothing else; `None` where pictures are
/// shown as they are stored.
pub(super) fn minimal(exif: &[u8]) -> Option<Vec<u8>> {
    let orientation = orientation(exif).filter(|value| (2..=8).contains(value))?;
    let mut minimal = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    minimal.extend_from_slice(&orientation.to_be_bytes());
    minimal.extend_from_slice(&[0; 6]);
    Some(minimal)
}

fn orientation(exif: &[u8]) -> Option<u16> {
    let is_big_endian = match exif.get(..4)? {
        b"MM\0\x2a" => true,
        b"II\x2a\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let long = |at: usize| {
        let (first, second) = (u32::from(short(at)?), u32::from(short(at.checked_add(2)?)?));
        Some(if is_big_endian { first << 16 | second } else { second << 16 | first })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    let tags = usize::from(short(directory)?);
    let mut entries = (0..tags).map(|index| directory + 2 + index * 12);
    let entry = entries.find(|&at| short(at) == Some(ORIENTATION))?;
    (short(entry + 2)? == 3 && long(entry + 4)? == 1).then(|| short(entry + 8))?
}
