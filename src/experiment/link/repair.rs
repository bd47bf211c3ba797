//! Links that programs changed on their way: chats and mail programs escape them,
//! break them over lines, or take the full stop of a sentence for a part of them.
//!
//! Only what is not understood as it is written is changed, and a change stays
//! only if more is understood with it. Work is linear in the length of the text: a
//! fixed number of changes is tried.

use super::{
    Key, LONGEST, LinkReading, ParsedLink, SWEEP, VERSION, decode, interpret, pairs_of, split,
};
use crate::experiment::notice::{Notice, NoticeKind};
use std::mem;

/// Rounds over the changes of the whole text, since one may uncover the next.
const ROUNDS: usize = 3;

/// Keys whose values are numbers with a decimal point.
const DECIMALS: [&str; 4] = ["lr", "mixup", "ls", "beta"];

/// A change of a text, and where it makes sense to try it.
type Mend = fn(&str) -> Option<String>;

/// Changes of the whole text, the mildest first.
const CHANGES: [Mend; 8] = [
    without_entities,
    |text| Some(plain(text)),
    start_of_link,
    |text| Some(text.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")),
    encoded_whole,
    encoded_joints,
    |text| text.split_whitespace().next().map(str::to_owned),
    |text| text.rsplit_once('#').map(|(front, _)| front.to_owned()),
];

/// The repaired text, with a notice, if it is understood better than as `written`;
/// otherwise `None`.
pub(super) fn repaired(text: &str, written: &LinkReading) -> Option<ParsedLink> {
    let mut best = text.to_owned();
    let mut reading = repaired_pairs(text);
    for _ in 0..ROUNDS {
        let before = reading.score();
        for change in CHANGES {
            let Some(changed) = change(&best).filter(|changed| *changed != best) else { continue };
            let tried = repaired_pairs(&changed);
            if tried.score() > reading.score() {
                (best, reading) = (changed, tried);
            }
        }
        if reading.score() == before {
            break;
        }
    }
    if reading.score() <= written.score() {
        return None;
    }
    let mut parsed = reading.parsed;
    let kind = NoticeKind::Repaired { used: parsed.experiment.link() };
    parsed.notices.insert(0, Notice { key: "v".to_owned(), kind });
    Some(parsed)
}

/// Reads a text whose keys and values are repaired, each by itself.
fn repaired_pairs(text: &str) -> LinkReading {
    let mut pairs = split(pairs_of(text).unwrap_or_default());
    for (name, value) in &mut pairs {
        if is_good(name, value) {
            continue;
        }
        if let Some((better, meant)) = repaired_pair(name, value) {
            (*name, *value) = (better, meant);
        }
    }
    let mut reading = interpret(pairs);
    if reading.parsed.given.is_empty() {
        reading.bad += 1;
    }
    reading
}

/// True of a key and a value that are taken as they are written.
fn is_good(name: &str, value: &str) -> bool {
    match Key::named(name) {
        Some(key) => key.canonical(value).1.is_none(),
        None => name == SWEEP || (name == "v" && value.trim() == VERSION.to_string()),
    }
}

/// The key and the value that were meant, if they can be guessed.
fn repaired_pair(name: &str, value: &str) -> Option<(String, String)> {
    let name = trim(&plain(name)).to_owned();
    let name = if is_key(&name) { name } else { name.to_ascii_lowercase() };
    if !is_key(&name) {
        return None;
    }
    let good = |value: &str| is_good(&name, value).then(|| (name.clone(), value.to_owned()));
    let mut meant = value.to_owned();
    let steps: [&dyn Fn(&str) -> String; 6] = [
        &plain,
        &|value| trim(value).to_owned(),
        &|value| decimal_point(&name, value),
        &|value| value.to_ascii_lowercase(),
        &|value| decode(value),
        &|value| value.split(is_end).next().unwrap_or_default().to_owned(),
    ];
    good(value).or_else(|| {
        steps.iter().find_map(|step| {
            meant = step(&mem::take(&mut meant));
            // An empty value may mean something, but not what was meant.
            good(&meant).filter(|_| !meant.is_empty())
        })
    })
}

fn is_key(name: &str) -> bool {
    name == "v" || name == SWEEP || Key::named(name).is_some()
}

/// The definition of a sweep that was mangled on its way.
pub(crate) fn definition(text: &str) -> String {
    let text = plain(&decode(&without_entities(text).unwrap_or_else(|| text.to_owned())));
    let parts = trim(&text).split(';').map(|part| match part.split_once(':') {
        Some((name, values)) => {
            let name = trim(name).to_ascii_lowercase();
            let values = values.split('|').map(|value| decimal_point(&name, trim(value)));
            format!("{name}:{}", values.collect::<Vec<_>>().join("|"))
        }
        None => trim(part).to_ascii_lowercase(),
    });
    parts.collect::<Vec<_>>().join(";")
}

/// A decimal comma as a point, where the key is a number with one.
fn decimal_point(name: &str, value: &str) -> String {
    let number = |it: char| it.is_ascii_digit() || it == ',';
    if DECIMALS.contains(&name) && value.chars().all(number) && value.matches(',').count() == 1 {
        return value.replace(',', ".");
    }
    value.to_owned()
}

/// Without what cannot be seen, and with the plain form of what programs write
/// prettily.
fn plain(text: &str) -> String {
    let shown = text.chars().filter(|it| !is_invisible(*it) && !it.is_whitespace());
    let plain = shown.map(|it| match it {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(it) - 0xfee0).unwrap_or(it),
        other => other,
    });
    plain.collect()
}

/// True of characters that leave no mark: control characters, soft hyphens, joiners
/// and marks of direction.
pub(crate) fn is_invisible(it: char) -> bool {
    it.is_control()
        || matches!(
            it,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

/// True of characters that stand around a link in a sentence.
fn is_around(it: char) -> bool {
    is_invisible(it)
        || it.is_whitespace()
        || ".,;:!?()<>[]{}\"'`*_#|\\".contains(it)
        || is_quote(it)
}

/// True for characters that end a value.
fn is_end(it: char) -> bool {
    "#<>()[]{}\"'`".contains(it) || is_quote(it)
}

fn is_quote(it: char) -> bool {
    matches!(
        it,
        '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}' | '\u{2026}'
    )
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_around)
}

/// Without HTML's names of characters, escaped any number of times.
fn without_entities(text: &str) -> Option<String> {
    const NAMES: [(&str, &str); 14] = [
        ("&amp;", "&"),
        ("&#38;", "&"),
        ("&#038;", "&"),
        ("&#x26;", "&"),
        ("&#61;", "="),
        ("&#x3d;", "="),
        ("&equals;", "="),
        ("&#35;", "#"),
        ("&num;", "#"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
    ];
    const DEPTH: usize = 4;
    if !text.contains('&') {
        return None;
    }
    let mut text = text.replace("&AMP;", "&").replace("&#X26;", "&").replace("&#x3D;", "=");
    for _ in 0..DEPTH {
        for (name, character) in NAMES {
            if text.contains(name) {
                text = text.replace(name, character);
            }
        }
    }
    Some(text)
}

/// From where the version stands: before it are words, another page's address, or
/// nothing that belongs to a link.
fn start_of_link(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let begins = |place: usize| {
        let before = lower.get(..place).unwrap_or_default();
        let escaped = ["%23", "%3f", "%26", "%2523", "%253f"];
        !before.ends_with(|it: char| it.is_alphanumeric())
            || escaped.iter().any(|escape| before.ends_with(escape))
    };
    let starts = ["v=1", "v%3d1", "v%253d1", "v=3d1"];
    let places = starts.iter().flat_map(|start| lower.match_indices(start).map(|found| found.0));
    let first = places.filter(|place| begins(*place)).min()?;
    text.get(first..).map(|link| link.trim_end_matches('#').to_owned())
}

/// A link whose every `=` was percent-encoded, once or more.
fn encoded_whole(text: &str) -> Option<String> {
    const DEPTH: usize = 3;
    let mut text = text.to_owned();
    for _ in 0..DEPTH {
        if text.contains('=') || !text.contains('%') {
            break;
        }
        text = decode(&text);
    }
    (text.len() <= LONGEST).then_some(text)
}

/// A link of which only the joints between keys were percent-encoded, or some of
/// them: `%26` before a key that is known, and the `%3D` after it. What a value
/// encodes stays.
fn encoded_joints(text: &str) -> Option<String> {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    let mut at_key = true;
    while !rest.is_empty() {
        let escaped =
            |escape: &str| rest.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(escape));
        if escaped("%26") && rest.get(3..).is_some_and(starts_with_key) {
            joined.push('&');
            at_key = true;
            rest = rest.get(3..).unwrap_or_default();
        } else if at_key && escaped("%3d") {
            joined.push('=');
            at_key = false;
            rest = rest.get(3..).unwrap_or_default();
        } else {
            let Some(next) = rest.chars().next() else { break };
            at_key = next == '&' || next == '#' || next == '?' || (at_key && next != '=');
            joined.push(next);
            rest = rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
    Some(joined)
}

/// True of a text that begins with a known key and its `=`, however written.
fn starts_with_key(text: &str) -> bool {
    let end = text.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let equals =
        rest.starts_with('=') || rest.get(..3).is_some_and(|it| it.eq_ignore_ascii_case("%3d"));
    equals && name.len() <= 6 && is_key(&name.to_ascii_lowercase())
}
