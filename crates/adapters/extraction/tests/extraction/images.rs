//! Pictures: their size, and what is left of them without what they tell about people.

use extraction::{FileKind, Rejection, sniff, without_metadata};

pub(crate) const SECRET: &[u8] = b"52.5200N 13.4050E";

/// EXIF with a place, and a way the picture is turned.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    let mut exif = b"II\x2a\0\x08\0\0\0\x02\0".to_vec();
    exif.extend_from_slice(b"\x0e\x01\x02\0\x11\0\0\0\x26\0\0\0");
    exif.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0");
    exif.extend_from_slice(&[&orientation.to_le_bytes()[..], &[0; 6]].concat());
    exif.extend_from_slice(SECRET);
    exif
}

/// The same, and nothing else.
const TURNED: &[u8] = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";

pub(crate) fn png_chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let sum = crc32fast::hash(&[&name[..], data].concat());
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], &name, data, &sum.to_be_bytes()].concat()
}

/// A PNG of this size, with these chunks between its header and its pixels.
pub(crate) fn png(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let pixels = b"\x78\x9c\x63\x60\x60\x60\0\0\0\x04\0\x01";
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(*b"IHDR", &header),
        chunks.concat(),
        png_chunk(*b"IDAT", pixels),
        png_chunk(*b"IEND", b""),
    ]
    .concat()
}

pub(crate) fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap();
    [&[0xff, marker][..], &length.to_be_bytes(), data].concat()
}

/// A JPEG of this size, with these segments before its header.
pub(crate) fn jpeg(width: u16, height: u16, segments: &[Vec<u8>]) -> Vec<u8> {
    let frame = [&[8][..], &height.to_be_bytes(), &width.to_be_bytes(), &[1, 1, 0x11, 0]].concat();
    [
        b"\xff\xd8".to_vec(),
        segment(0xe0, b"JFIF\0\x01\x02\0\0\x48\0\x48\0\0"),
        segments.concat(),
        segment(0xdb, &[0; 65]),
        segment(0xc0, &frame),
        segment(0xda, b"\x01\x01\0\0\x3f\0"),
        b"pixels\xff\0\xff\xd0pixels\xff\xff\xd9".to_vec(),
    ]
    .concat()
}

/// A GIF of this size, with these blocks before its frame.
pub(crate) fn gif(width: u16, height: u16, blocks: &[&[u8]]) -> Vec<u8> {
    let frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x4c\x01\0";
    let table = b"\0\0\0\xff\xff\xff";
    [
        b"GIF89a",
        &width.to_le_bytes()[..],
        &height.to_le_bytes(),
        b"\x80\0\0",
        table,
        &blocks.concat(),
        frame,
        b";",
    ]
    .concat()
}

fn webp_chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    [&name[..], &length.to_le_bytes(), data, &vec![0; data.len() % 2]].concat()
}

fn lossless(width: u32, height: u32) -> Vec<u8> {
    let bits = (width - 1) | (height - 1) << 14;
    webp_chunk(*b"VP8L", &[b"\x2f", &bits.to_le_bytes()[..], b"pixels"].concat())
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let chunks = chunks.concat();
    let length = u32::try_from(chunks.len() + 4).unwrap();
    [b"RIFF", &length.to_le_bytes()[..], b"WEBP", &chunks].concat()
}

/// A WebP of this size, with these chunks after its pixels.
pub(crate) fn webp(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let canvas =
        [&[0x0c, 0, 0, 0][..], &(width - 1).to_le_bytes()[..3], &(height - 1).to_le_bytes()[..3]].concat();
    riff(&[webp_chunk(*b"VP8X", &canvas), lossless(width, height), chunks.concat()])
}

fn holds(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_png_keeps_what_it_is_shown_by_and_loses_what_it_tells() {
    let (gamma, turned) = (png_chunk(*b"gAMA", b"\0\0\xb1\x8f"), png_chunk(*b"eXIf", &exif(6)));
    let told = [
        png_chunk(*b"tEXt", &[b"Comment\0", SECRET].concat()),
        png_chunk(*b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", SECRET].concat()),
        png_chunk(*b"tIME", &[7, 234, 11, 30, 21, 0, 0]),
        png_chunk(*b"prVt", SECRET),
    ];
    let picture = [png(3, 2, &[gamma.clone(), told.concat(), turned]), SECRET.to_vec()].concat();
    let cleaned = without_metadata(&picture, FileKind::Png).unwrap();
    assert_eq!(cleaned, png(3, 2, &[gamma, png_chunk(*b"eXIf", TURNED)]));
    let upright = png(3, 2, &[png_chunk(*b"eXIf", &exif(1))]);
    assert_eq!(without_metadata(&upright, FileKind::Png).unwrap(), png(3, 2, &[]));
}

#[test]
fn a_jpeg_keeps_what_it_is_shown_by_and_loses_what_it_tells() {
    let colours =
        [segment(0xee, b"Adobe\0\x64\0\0\0\0\x01"), segment(0xe2, b"ICC_PROFILE\0\x01\x01profile")].concat();
    let told = [
        segment(0xe0, &[b"JFXX\0\x10", SECRET].concat()),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
        segment(0xe2, &[b"MPF\0", SECRET].concat()),
        segment(0xed, &[b"Photoshop 3.0\08BIM", SECRET].concat()),
        segment(0xef, SECRET),
        segment(0xfe, SECRET),
    ];
    let turned = segment(0xe1, &[b"Exif\0\0", &exif(6)[..]].concat());
    let again = segment(0xe1, &[b"Exif\0\0", &exif(3)[..]].concat());
    let picture = [jpeg(3, 2, &[told.concat(), turned, again, colours.clone()]), SECRET.to_vec()].concat();
    let cleaned = without_metadata(&picture, FileKind::Jpeg).unwrap();
    assert_eq!(cleaned, jpeg(3, 2, &[segment(0xe1, &[b"Exif\0\0", TURNED].concat()), colours]));
    let thumbnail =
        [b"\xff\xd8", &segment(0xe0, b"JFIF\0\x01\x02\0\0\x48\0\x48\x01\x01rgb")[..], &jpeg(3, 2, &[])[20..]];
    assert_eq!(
        without_metadata(&thumbnail.concat(), FileKind::Jpeg),
        without_metadata(&jpeg(3, 2, &[]), FileKind::Jpeg)
    );
}

#[test]
fn a_gif_keeps_its_loop_and_loses_what_it_tells() {
    let (turns, control) = (b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x05\0\0", b"\x21\xf9\x04\0\x0a\0\0\0");
    let comment = [b"\x21\xfe", &[17][..], SECRET, b"\0"].concat();
    let xmp = [b"\x21\xff\x0bXMP DataXMP", &[17][..], SECRET, b"\0"].concat();
    let picture = [gif(3, 2, &[turns, &comment, &xmp, control]), SECRET.to_vec()].concat();
    assert_eq!(without_metadata(&picture, FileKind::Gif).unwrap(), gif(3, 2, &[turns, control]));
}

#[test]
fn a_webp_keeps_what_it_is_shown_by_and_loses_what_it_tells() {
    let frame = |chunks: &[Vec<u8>]| {
        webp_chunk(*b"ANMF", &[&[0; 16][..], &lossless(3, 2), &chunks.concat()].concat())
    };
    let told = [webp_chunk(*b"XMP ", SECRET), webp_chunk(*b"what", SECRET)].concat();
    let turned = webp_chunk(*b"EXIF", &exif(6));
    let picture = [webp(3, 2, &[frame(std::slice::from_ref(&told)), turned, told]), SECRET.to_vec()].concat();
    let cleaned = without_metadata(&picture, FileKind::WebP).unwrap();
    let mut expected = webp(3, 2, &[frame(&[]), webp_chunk(*b"EXIF", TURNED)]);
    expected[20] = 0x08; // the extended header says: EXIF, no XMP
    assert_eq!(cleaned, expected);
    let mut upright = webp(3, 2, &[]);
    upright[20] = 0;
    let with_exif = webp(3, 2, &[webp_chunk(*b"EXIF", &exif(1))]);
    assert_eq!(without_metadata(&with_exif, FileKind::WebP).unwrap(), upright);
}

type Sample = (FileKind, fn(u32, u32) -> Vec<u8>);

const SAMPLES: [Sample; 4] = [
    (FileKind::Png, |width, height| png(width, height, &[])),
    (FileKind::Jpeg, |width, height| {
        jpeg(u16::try_from(width).unwrap(), u16::try_from(height).unwrap(), &[])
    }),
    (FileKind::Gif, |width, height| gif(u16::try_from(width).unwrap(), u16::try_from(height).unwrap(), &[])),
    (FileKind::WebP, |width, height| webp(width, height, &[])),
];

#[test]
fn forty_megapixels_are_taken_and_one_row_more_is_not() {
    for (kind, picture) in SAMPLES {
        let sniffed = sniff(&picture(8_000, 5_000)).unwrap();
        let dimensions = sniffed.dimensions.unwrap();
        assert_eq!((sniffed.kind, dimensions.width, dimensions.height), (kind, 8_000, 5_000));
        let (width, height) = (8_000, 5_001);
        let large = picture(width, height);
        assert_eq!(sniff(&large), Err(Rejection::TooManyPixels { width, height }), "{kind:?}");
        assert_eq!(without_metadata(&large, kind), Err(Rejection::TooManyPixels { width, height }));
    }
}

#[test]
fn a_small_header_does_not_hide_a_large_picture() {
    let mut small = webp(8_000, 5_001, &[]);
    small[24..30].fill(0);
    assert_eq!(sniff(&small), Err(Rejection::TooManyPixels { width: 8_000, height: 5_001 }));
}

#[test]
fn pictures_that_are_cut_anywhere_are_refused() {
    for (kind, picture) in SAMPLES {
        let whole = picture(3, 2);
        assert!(without_metadata(&whole, kind).is_ok(), "{kind:?}");
        for length in 0..whole.len() {
            let cut = without_metadata(&whole[..length], kind);
            assert!(matches!(cut, Err(Rejection::Broken { .. })), "{kind:?} cut at {length}: {cut:?}");
        }
    }
}

#[test]
fn pictures_whose_structure_is_broken_are_refused() {
    let mut checksum = png(3, 2, &[]);
    checksum[40] ^= 1;
    let broken: [(FileKind, Vec<u8>); 9] = [
        (FileKind::Png, checksum),
        (FileKind::Png, png(3, 2, &[png_chunk(*b"IHDR", &[0; 13])])),
        (FileKind::Png, png(3, 2, &[png_chunk(*b"ABCD", b"")])),
        (FileKind::Png, png(0, 2, &[])),
        (FileKind::Jpeg, jpeg(3, 0, &[])),
        (FileKind::Jpeg, jpeg(3, 2, &[segment(0xc1, b"\x08\0\x02\0\x03")])),
        (FileKind::Gif, gif(3, 2, &[b"?"])),
        (FileKind::WebP, riff(&[webp_chunk(*b"VP8X", &[0; 10]), webp_chunk(*b"ICCP", b"")])),
        (FileKind::Text, b"Zoe".to_vec()),
    ];
    for (index, (kind, picture)) in broken.into_iter().enumerate() {
        let refused = without_metadata(&picture, kind);
        assert!(matches!(refused, Err(Rejection::Broken { .. })), "{index}: {refused:?}");
    }
}

#[test]
fn nothing_that_was_told_is_left() {
    let (kind, picture) = (FileKind::Jpeg, jpeg(3, 2, &[segment(0xfe, SECRET)]));
    assert!(holds(&picture, SECRET) && !holds(&without_metadata(&picture, kind).unwrap(), SECRET));
}
