//! The canonical link of an experiment, and the reading of any text as one.
//!
//! `v=1` comes first, then only what differs from the default, in the order of
//! [`KEYS`]. Independent of browsers: a page's fragment and a program's argument
//! are the same text.

mod repair;

pub(crate) use repair::{definition as repaired_sweep, is_invisible};

use super::Experiment;
use super::key::{KEYS, Key};
use super::notice::{Notice, NoticeKind, Notices};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

/// The version that is written, and the only one so far. Its defaults are frozen:
/// a change to the meaning of existing links needs the next version.
pub const VERSION: u32 = 1;

/// Most bytes of a link, of any text that is read as one, and of a sweep's
/// definition: the longest address of an archive, percent-encoded, leaves room for
/// every other key.
pub const LONGEST: usize = 8192;

/// The key for several runs in one link, in addition to the keys of an experiment.
/// [`crate::sweep`] reads its value.
pub const SWEEP: &str = "sweep";

/// A text, read as a link.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedLink {
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
/// Any text gives an experiment that can be run, with notices about what was not
/// taken as written. If a text is not fully understood, its repaired form is tried:
/// mail and chat programs mangle links, see `repair`. A text longer than [`LONGEST`]
/// is not read.
pub fn parse(text: &str) -> ParsedLink {
    let text = text.trim();
    if text.len() > LONGEST {
        let kind = NoticeKind::LinkTooLong { bytes: text.len() };
        let notices = vec![Notice { key: "v".to_owned(), kind }];
        let experiment = Experiment::default();
        return ParsedLink { experiment, sweep: None, given: Vec::new(), notices };
    }
    let written = read(text);
    if written.bad == 0 {
        return written.parsed;
    }
    repair::repaired(text, &written).unwrap_or(written.parsed)
}

/// The experiment of a link that is read wholly as it is written; `None` for any
/// other text. Links in files are held to this: no chat program changes them.
pub fn parse_exactly(text: &str) -> Option<Experiment> {
    if text.len() > LONGEST {
        return None;
    }
    let reading = read(text);
    (reading.bad == 0).then_some(reading.parsed.experiment)
}

/// A text as it is written.
struct LinkReading {
    parsed: ParsedLink,
    /// Keys that were understood.
    good: usize,
    /// What was not understood, or only nearly.
    bad: usize,
}

impl LinkReading {
    /// How much of a link it is.
    fn score(&self) -> i64 {
        3 * self.good as i64 - self.bad as i64
    }
}

fn read(text: &str) -> LinkReading {
    match pairs_of(text) {
        Some(pairs) => interpret(split(pairs)),
        None => {
            let mut reading = interpret(Vec::new());
            let notice = Notice { key: "v".to_owned(), kind: NoticeKind::NoExperiment };
            reading.parsed.notices.push(notice);
            reading.bad = 1;
            reading
        }
    }
}

/// The keys and values of a link, decoded.
fn split(pairs: &str) -> Vec<(String, String)> {
    let pairs = pairs.split('&').filter(|pair| !pair.trim().is_empty());
    let decoded = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name).trim().to_owned(), decode(value))
    });
    decoded.collect()
}

/// The experiment of keys and values. The last value of a key counts.
fn interpret(pairs: Vec<(String, String)>) -> LinkReading {
    let mut notices = Notices::default();
    let (given, repeated) = once(pairs);
    for key in repeated {
        notices.add(Notice { key, kind: NoticeKind::Repeated });
    }
    let (mut experiment, mut sweep, mut bad) = (Experiment::default(), None, 0);
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
        if let Some(notice) = notice {
            bad += 1;
            notices.add(notice);
        }
    }
    let good = given.len().saturating_sub(bad);
    let names: Vec<&str> = given.iter().map(|(name, _)| name.as_str()).collect();
    for notice in experiment.apply_joint_rules(&names) {
        notices.add(notice);
    }
    let given = given.into_iter().map(|(name, _)| name).collect();
    LinkReading {
        parsed: ParsedLink { experiment, sweep, given, notices: notices.all() },
        good,
        bad,
    }
}

/// Each name once, at its first place and with its last value, and the names that
/// came again, each once. The work is linear in the number of pairs.
pub(crate) fn once<K: Clone + Eq + Hash, V>(
    pairs: impl IntoIterator<Item = (K, V)>,
) -> (Vec<(K, V)>, Vec<K>) {
    let mut places: HashMap<K, (usize, bool)> = HashMap::new();
    let (mut kept, mut repeated): (Vec<(K, V)>, Vec<K>) = (Vec::new(), Vec::new());
    for (name, value) in pairs {
        match places.entry(name) {
            Entry::Occupied(mut earlier) => {
                let (place, known) = *earlier.get();
                if !known {
                    repeated.push(earlier.key().clone());
                    earlier.insert((place, true));
                }
                if let Some(pair) = kept.get_mut(place) {
                    pair.1 = value;
                }
            }
            Entry::Vacant(free) => {
                kept.push((free.key().clone(), value));
                free.insert((kept.len() - 1, false));
            }
        }
    }
    (kept, repeated)
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
    let after = after.trim_start_matches(['#', '?']);
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
