//! How deep a JSON text nests, known before anything is built from it.

const DEEPEST: usize = 32;

/// Where the text nests deeper than 32, if it does: its line and column, both from 1.
pub(super) fn too_deep(text: &[u8]) -> Option<(usize, usize)> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let (mut line, mut column) = (1, 0);
    for octet in text {
        column += 1;
        match octet {
            b'\n' => (line, column) = (line + 1, 0),
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > DEEPEST {
                    return Some((line, column));
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_outside_strings_alone() {
        assert_eq!(too_deep("[".repeat(32).as_bytes()), None);
        assert_eq!(too_deep("[".repeat(33).as_bytes()), Some((1, 33)));
        assert_eq!(too_deep(format!("\n{}", "{\"a\":".repeat(40)).as_bytes()), Some((2, 161)));
        assert_eq!(too_deep(br#"["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[[[[[[[[[["]"#), None);
        assert_eq!(too_deep("[]".repeat(100).as_bytes()), None);
    }
}
