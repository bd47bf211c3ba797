//! How a message is written: the subset of ICU MessageFormat that docs/translating.md
//! describes. `build.rs` includes this file, too.

/// What stands between the brace at the beginning of the text and the one that closes it,
/// and what follows.
pub fn block(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0usize;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => {
                return Some((text.get(1..place)?, text.get(place + 1..)?));
            }
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The name of a placeholder, and the branches of its plural.
pub fn placeholder(inside: &str) -> (&str, Option<&str>) {
    match inside.split_once(',') {
        Some((name, kind)) => (
            name.trim(),
            kind.trim().strip_prefix("plural").and_then(|it| it.trim().strip_prefix(',')),
        ),
        None => (inside.trim(), None),
    }
}

/// Takes the next branch of a plural: its selector, its message, and what follows.
pub fn branch(branches: &str) -> Option<(&str, &str, &str)> {
    let start = branches.find('{')?;
    let (selector, rest) = branches.split_at(start);
    let (message, rest) = block(rest)?;
    Some((selector.trim(), message, rest))
}
