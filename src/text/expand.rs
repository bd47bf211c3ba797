//! Fills in a message's placeholders. Never fails: `build.rs` has refused what is malformed,
//! and what is unknown stays as it is written.

use super::Catalogue;
use super::grammar::{block, branch, placeholder};

/// What a placeholder stands for.
pub(super) enum Arg<'a> {
    /// A name, or a number that is already formatted.
    Text(&'a str),
    /// A count, written as the language writes it. It also selects a plural's branch.
    Count(u64),
}

/// How many of something.
#[derive(Clone, Copy)]
pub struct Count(pub(super) u64);

impl From<u64> for Count {
    fn from(count: u64) -> Self {
        Self(count)
    }
}

impl From<u32> for Count {
    fn from(count: u32) -> Self {
        Self(count.into())
    }
}

impl From<usize> for Count {
    fn from(count: usize) -> Self {
        Self(count as u64)
    }
}

/// English has one form for 1 and another for all else.
pub(super) fn english_plural(count: u64) -> String {
    if count == 1 { "one" } else { "other" }.to_owned()
}

/// The message with its placeholders filled in.
pub(super) fn expand(message: &str, names: &str, args: &[Arg<'_>], rules: &Catalogue) -> String {
    let mut out = String::new();
    write(
        &mut out,
        message,
        "#",
        &|name| names.split(',').zip(args).find(|it| it.0 == name).map(|it| it.1),
        rules,
    );
    out
}

/// Writes a message, or a branch of a plural, in which `#` is `number`.
fn write<'a>(
    out: &mut String,
    message: &str,
    number: &str,
    arg: &dyn Fn(&str) -> Option<&'a Arg<'a>>,
    rules: &Catalogue,
) {
    let mut rest = message;
    while let Some(place) = rest.find(['{', '#']) {
        let (before, from) = rest.split_at(place);
        out.push_str(before);
        if from.starts_with('#') {
            out.push_str(number);
            rest = from.get(1..).unwrap_or_default();
            continue;
        }
        let Some((inside, after)) = block(from) else {
            rest = from;
            break;
        };
        rest = after;
        let (name, branches) = placeholder(inside);
        match arg(name) {
            Some(Arg::Text(text)) => out.push_str(text),
            Some(Arg::Count(count)) => {
                let number = (rules.number)(*count);
                match branches {
                    Some(branches) => {
                        write(out, choose(branches, *count, rules), &number, arg, rules);
                    }
                    None => out.push_str(&number),
                }
            }
            None => out.push_str(name),
        }
    }
    out.push_str(rest);
}

/// The branch for exactly this count, else for its plural category, else `other`.
fn choose<'a>(branches: &'a str, count: u64, rules: &Catalogue) -> &'a str {
    let (exact, category) = (format!("={count}"), (rules.plural)(count));
    let (mut chosen, mut rest, mut best) = ("", branches, 0);
    while let Some((selector, message, after)) = branch(rest) {
        let fit = if selector == exact {
            3
        } else if selector == category {
            2
        } else {
            usize::from(selector == "other")
        };
        if fit > best {
            (chosen, best) = (message, fit);
        }
        rest = after;
    }
    chosen
}
