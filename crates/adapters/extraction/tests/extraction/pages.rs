//! What is read in web pages and in plain text.

use extraction::{Extracted, FileKind, ReadError, read};

use crate::support::pages;

fn html(page: &str) -> String {
    read(page.as_bytes(), FileKind::Html).unwrap().text().to_owned()
}

#[test]
fn a_page_is_read_as_it_would_be_shown() {
    let page = "<!doctype html><html><head><title>CV</title><style>p{}</style></head><body>
        <!-- a comment --><h1>Zo&euml;
           <b>Lee</b></h1><p>Welder<p>in M&uuml;nchen<br>since&nbsp;2026
        <ul><li>one<li>two</ul><pre>a  b
c</pre><table><tr><th>a<th>b<tr><td>c</td><td>d</td></tr></table>R&amp;D &lt;1> &unknown; &#x41;</body></html>";
    assert_eq!(
        html(page),
        "Zoë Lee\nWelder\nin München\nsince\u{a0}2026\none\ntwo\na  b\nc\na\tb\nc\td\nR&D <1> &unknown; A"
    );
}

#[test]
fn scripts_styles_and_what_is_hidden_are_left_out() {
    let page = "a<script>if (1 < 2) document.write('<p>s</p>')</script><style>b{}</style><noscript><p>n</p></noscript>
        <p hidden>h<p>b<div style='color: red; DISPLAY : none'>d<div>d</div></div><span style=visibility:hidden>v</span>c
        <template><p>t</p></template><svg><text>s</text></svg><input value=i><textarea>x</textarea><img alt=i>e";
    assert_eq!(html(page), "a\nb\nc e");
}

#[test]
fn tags_that_do_not_fit_are_taken_as_they_come() {
    assert_eq!(html("</p>a<div><b>b</div>c<p>d</table></b>e<"), "a\nb\nc\nd e<".replace("d e", "de"));
    let deep = format!("{}deep{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
    assert_eq!(html(&deep), "deep");
    assert_eq!(html(&"<p hidden>".repeat(100_000)), "");
}

#[test]
fn the_encoding_is_what_the_page_says() {
    let read = |page: &[u8]| read(page, FileKind::Html).unwrap().text().to_owned();
    assert_eq!(read(b"<meta charset=windows-1251><p>\xcf\xf0\xe8"), "При");
    assert_eq!(
        read(b"<meta http-equiv='Content-Type' content='text/html; charset=Shift_JIS'><p>\x93\xfa"),
        "日"
    );
    assert_eq!(read("<p>Zoë".as_bytes()), "Zoë");
    assert_eq!(read(b"<p>Zo\xeb"), "Zoë");
    assert_eq!(read(b"\xff\xfe<\0p\0>\0Z\0"), "Z");
    assert_eq!(read("<meta charset=utf-16><p>Zoë".as_bytes()), "Zoë");
    assert_eq!(read(b"<meta charset=nonsense><p>Zo\xeb"), "Zoë");
}

#[test]
fn plain_text_is_read_as_it_is() {
    let extracted = read("Zoë\r\n\r\n\r\n\r\n  Lee \u{c}2026\n".as_bytes(), FileKind::Text).unwrap();
    assert_eq!(extracted.text(), "Zoë\n\n  Lee\u{c}2026");
    assert_eq!(pages(&extracted), ["Zoë|  Lee", "2026"]);
    assert_eq!(read(b"a\0b", FileKind::Text), Err(ReadError::Broken(FileKind::Text)));
    assert_eq!(read(b"x", FileKind::Png), Err(ReadError::NoText(FileKind::Png)));
}

#[test]
fn a_text_is_matched_in_nfkc_and_shown_as_it_was_written() {
    let extracted = Extracted::new("ﬁrst\nC\u{ff0b}\u{ff0b}, e\u{301}");
    assert_eq!(extracted.normalized(), "first\nC++, é");
    let at = extracted.normalized().chars().position(|c| c == 'C').unwrap();
    let there = extracted.original(at..at + 3);
    let shown: String = extracted.text().chars().skip(there.start).take(there.len()).collect();
    assert_eq!((there, &*shown), (5..8, "C\u{ff0b}\u{ff0b}"));
}

#[test]
fn a_text_goes_over_the_wire_and_back() {
    let sent = Extracted::new("Zoë\u{c}2026");
    let received: Extracted = serde_json::from_str(&serde_json::to_string(&sent).unwrap()).unwrap();
    assert_eq!(received, sent);
    // What a child says is put in order, not believed.
    let said = r#"{"text":"a\u0000\r\n\n\n\nb","is_cut":false,"needs_ocr":true,"active_content":["launch","launch"]}"#;
    let received: Extracted = serde_json::from_str(said).unwrap();
    assert_eq!((received.text(), received.active_content().len(), received.needs_ocr()), ("a\n\nb", 1, true));
}
