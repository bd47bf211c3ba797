//! The canonical link of an experiment, and the reading of any text as one.
//!
//! `v=1` comes first, then only what differs from the default, in the order of
//! [`KEYS`]. Independent of browsers: a page's fragment and a program's argument
//! are the same text.

use super::Experiment;
use super::key::{KEYS, Key};
use super::notice::{Notice, NoticeKind};

/// The version that is written, and the only one so far. Its defaults are frozen:
/// whatever changes the meaning of an existing link needs the next version.
pub const VERSION: u32 = 1;

/// The key that stands beside an experiment's own: several runs in one link.
/// What it says is read by [`crate::sweep`].
pub const SWEEP: &str = "sweep";

/// What a text says.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The experiment, every value in its range.
    pub experiment: Experiment,
    /// The definition of the sweep of which it is the base, as it is written;
    /// [`crate::sweep::Plan::parse`] reads it.
    pub sweep: Option<String>,
    /// The keys that were written, known ones and others.
    pub given: Vec<String>,
    /// What was not taken as written.
    pub notices: Vec<Notice>,
}

impl Experiment {
    /// The canonical link, without a leading `#`: equal experiments have equal
    /// links, and [`parse`] reads back the same experiment. It holds only
    /// characters that a URL's fragment and a quoted shell word leave alone.
    pub fn link(&self) -> String {
        let (clamped, _) = self.clamped();
        let default = Self::default();
        let mut link = format!("v={VERSION}");
        for key in &KEYS {
            let value = key.value(&clamped);
            let said_by_prog = !clamped.prog.is_empty() && matches!(key.name, "size" | "epochs");
            if value != key.value(&default) && !said_by_prog {
                link.push('&');
                link.push_str(key.name);
                link.push('=');
                encode_into(&mut link, &value);
            }
        }
        link
    }
}

/// Reads a link: bare, with its `#` or `?`, or a whole address that ends in one.
/// Whatever the text, this gives an experiment that can be run, and says in
/// notices what was not taken as written.
pub fn parse(text: &str) -> Parsed {
    let mut notices = Vec::new();
    let pairs = match pairs_of(text) {
        Some(pairs) => pairs,
        None => {
            notices.push(Notice { key: "v".to_owned(), kind: NoticeKind::NoExperiment });
            ""
        }
    };

    let mut given: Vec<(String, String)> = Vec::new();
    for pair in pairs.split('&').filter(|pair| !pair.trim().is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name).trim().to_owned(), decode(value));
        match given.iter_mut().find(|(earlier, _)| *earlier == name) {
            Some((_, earlier)) => {
                *earlier = value;
                let notice = Notice { key: name, kind: NoticeKind::Repeated };
                if !notices.contains(&notice) {
                    notices.push(notice);
                }
            }
            None => given.push((name, value)),
        }
    }

    let (mut experiment, mut sweep) = (Experiment::default(), None);
    for (name, value) in &given {
        let notice = match Key::named(name) {
            Some(key) => key.assign(&mut experiment, value),
            None if name == SWEEP => {
                sweep = Some(value.trim().to_owned()).filter(|definition| !definition.is_empty());
                None
            }
            None if name == "v" && value.trim() == VERSION.to_string() => None,
            None => {
                let kind = match name.as_str() {
                    "v" => NoticeKind::Version { given: value.clone() },
                    _ => NoticeKind::Unknown,
                };
                Some(Notice { key: name.clone(), kind })
            }
        };
        notices.extend(notice);
    }
    let names: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    notices.extend(experiment.settle(&names));
    let given = given.into_iter().map(|(name, _)| name).collect();
    Parsed { experiment, sweep, given, notices }
}

/// The `k=v&…` part of a text; `None` for an address that has none.
fn pairs_of(text: &str) -> Option<&str> {
    let text = text.trim();
    // In an address the scheme stands before the first `=`; in a bare link a
    // `://` can only be part of a value.
    let head = text.split('=').next().unwrap_or_default();
    if !head.contains("://") {
        return Some(text.trim_start_matches(['#', '?']));
    }
    let after = text.split_once('#').or_else(|| text.split_once('?'))?.1;
    if after.trim().is_empty() { None } else { Some(after) }
}

/// Percent-encodes what a fragment or a link's own syntax would not carry.
fn encode_into(link: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/,".contains(&byte) {
            link.push(char::from(byte));
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// Undoes percent-encoding; a `%` without two hex digits stands for itself, and
/// bytes that are no UTF-8 become the replacement character.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        bytes.push(match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => *first,
            },
            _ => *first,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests;
