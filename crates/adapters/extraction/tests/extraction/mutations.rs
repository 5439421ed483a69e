//! Files in which a few bytes were changed: whatever they are then, looking at them ends without a panic.

use extraction::{FileKind, check_extension, read, sniff, without_metadata};
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::{
    images::{gif, jpeg, png, webp},
    support::{docx, odt},
};

fn samples() -> [Vec<u8>; 9] {
    [
        png(3, 2, &[]),
        jpeg(3, 2, &[]),
        gif(3, 2, &[]),
        webp(3, 2, &[]),
        docx("<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Zoe</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"),
        odt("<text:p>Zoe<text:s text:c='2'/>Lee</text:p>"),
        br"{\rtf1\ansi{\fonttbl{\f0\fcharset128 A;}}{\*\x y}\u960?\'eb\bin2 ab\par{\footnote n}}".to_vec(),
        b"<!doctype html><div hidden>a</div><table><tr><td>b<td>&amp;&#x41;</table><script>c</script>"
            .to_vec(),
        "Zo\u{eb}, e\u{301} \u{fb03} \u{ac00}\r\n\u{c}2026".into(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_change_of_bytes_makes_a_reader_panic(
        sample in 0..9_usize,
        changes in vec((any::<Index>(), any::<u8>()), 1..6),
        cut in any::<Option<Index>>(),
    ) {
        let mut content = samples()[sample].clone();
        for (at, byte) in changes {
            let at = at.index(content.len());
            content[at] = byte;
        }
        content.truncate(cut.map_or(content.len(), |at| at.index(content.len())));
        if let Ok(sniffed) = sniff(&content) {
            let _ = check_extension("a.pdf", sniffed.kind);
        }
        for kind in FileKind::ALL.into_iter().filter(|kind| *kind != FileKind::Pdf) {
            let _ = without_metadata(&content, kind);
            if let Ok(extracted) = read(&content, kind) {
                let normalized = extracted.normalized().chars().count();
                prop_assert_eq!(extracted.original(0..normalized), 0..extracted.text().chars().count());
            }
        }
    }
}
