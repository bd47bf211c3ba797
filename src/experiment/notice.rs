//! What was changed about an experiment's text to make it one that can be run.
//! Independent of where the text came from.

use super::link::{LONGEST, SWEEP, is_invisible};
use std::fmt;

/// The most notices about one text.
const MOST: usize = 20;

/// Notices about one text: each once, and of many the first ones, so that no text
/// makes more work than its length.
#[derive(Debug, Default)]
pub struct Notices {
    notices: Vec<Notice>,
    left_out: usize,
}

impl Notices {
    /// Adds a notice.
    pub fn add(&mut self, notice: Notice) {
        if self.notices.contains(&notice) {
            return;
        }
        if self.notices.len() < MOST {
            self.notices.push(notice);
        } else {
            self.left_out += 1;
        }
    }

    /// All notices; the last one counts those that were left out.
    pub fn all(mut self) -> Vec<Notice> {
        if self.left_out > 0 {
            let kind = NoticeKind::More { count: self.left_out };
            self.notices.push(Notice { key: "v".to_owned(), kind });
        }
        self.notices
    }
}

/// One thing that was not taken as it was written. Its `Display` is one plain
/// sentence that names the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The key it concerns.
    pub key: String,
    /// What was wrong.
    pub kind: NoticeKind,
}

/// What was wrong with a key, and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// No such key; it was left out.
    Unknown,
    /// The key came more than once; the last one counts.
    Repeated,
    /// The value cannot be read; `used` stays in force.
    Unreadable {
        /// As it was written.
        given: String,
        /// What holds instead.
        used: String,
        /// What would have been understood.
        allowed: String,
    },
    /// The value was moved to the nearest one allowed.
    Outside {
        /// As it was written.
        given: String,
        /// What holds instead.
        used: String,
        /// What is allowed.
        allowed: String,
    },
    /// `prog` sets the same as this key, and wins.
    ReplacedByProg,
    /// `norm=model` without a model: the value in `used` holds.
    NoInit {
        /// What holds instead.
        used: String,
    },
    /// `ft=1` without a model to tune.
    NothingToTune,
    /// The link's version is not the one that is read here.
    Version {
        /// As it was written.
        given: String,
    },
    /// The text is too long to be a link, or the definition of a sweep.
    LinkTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The link was not understood as written, and was after changes.
    Repaired {
        /// The canonical link that was read.
        used: String,
    },
    /// Further notices were left out.
    More {
        /// Notices that were left out.
        count: usize,
    },
    /// The text is an address without an experiment in it.
    NoExperiment,
    /// A sweep cannot go over this key, or not with this experiment.
    NotSwept {
        /// Why, as the end of a sentence.
        why: String,
    },
    /// A value in a sweep's list cannot be read; it was left out.
    LeftOut {
        /// As it was written.
        given: String,
        /// What would have been understood.
        allowed: String,
    },
    /// A value stands in a sweep's list twice; once is enough.
    Twice {
        /// The value.
        given: String,
    },
    /// A list in a sweep is too long; its first values were taken.
    TooLong {
        /// Values that were taken.
        used: usize,
    },
    /// A sweep has too many runs; values and seeds at the ends of its lists were
    /// left out.
    TooManyRuns {
        /// Runs as it was written.
        given: u64,
        /// Runs that are left.
        used: u64,
    },
    /// Nothing in the definition of a sweep can be read.
    NoSweep {
        /// As it was written.
        given: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = Short(&self.key);
        match &self.kind {
            NoticeKind::Unknown => write!(f, "The key `{key}` is not known and was left out."),
            NoticeKind::Repeated => {
                write!(f, "The key `{key}` is given more than once: the last one counts.")
            }
            NoticeKind::Unreadable { given, used, allowed } => write!(
                f,
                "`{key}={}` cannot be read (it may be {allowed}): `{key}={}` is used.",
                Short(given),
                Short(used)
            ),
            NoticeKind::Outside { given, used, allowed } => write!(
                f,
                "`{key}={}` is not on offer (it may be {allowed}): `{key}={}` is used.",
                Short(given),
                Short(used)
            ),
            NoticeKind::ReplacedByProg => {
                write!(
                    f,
                    "`{key}` is left out, because `prog` sets size and epochs of every phase."
                )
            }
            NoticeKind::NoInit { used } => write!(
                f,
                "`{key}=model` needs a saved model (`init`), whose statistics it takes: \
                 `{key}={used}` is used."
            ),
            NoticeKind::NothingToTune => {
                write!(f, "`{key}=1` needs a saved model (`init`) to start from: it is left out.")
            }
            NoticeKind::Version { given } => write!(
                f,
                "This link says `{key}={}`, but version 1 is what is read here: keys that \
                 changed their meaning since may be misread.",
                Short(given)
            ),
            NoticeKind::LinkTooLong { bytes } => {
                let what = if self.key == SWEEP { "The sweep" } else { "The link" };
                write!(
                    f,
                    "{what} is too long: it has {bytes} bytes, and {LONGEST} are the most that is \
                     read. None of it was used. Ask for the link again."
                )
            }
            NoticeKind::Repaired { used } => write!(
                f,
                "This link was changed on its way, as chat and mail programs do. It was repaired \
                 and read as `{}`.",
                Short(used)
            ),
            NoticeKind::More { count } => {
                write!(f, "{count} more parts of it were not taken as written.")
            }
            NoticeKind::NoExperiment => {
                write!(
                    f,
                    "This address holds no experiment (nothing after `#`): the defaults are used."
                )
            }
            NoticeKind::NotSwept { why } => {
                write!(f, "The sweep leaves `{key}` out: {why}.")
            }
            NoticeKind::LeftOut { given, allowed } => write!(
                f,
                "The sweep leaves `{}` of `{key}` out, because it cannot be read (it may be \
                 {allowed}).",
                Short(given)
            ),
            NoticeKind::Twice { given } => write!(
                f,
                "The sweep has `{}` of `{key}` more than once: once is enough.",
                Short(given)
            ),
            NoticeKind::TooLong { used } => {
                write!(f, "The sweep takes the first {used} values of `{key}` and no more.")
            }
            NoticeKind::TooManyRuns { given, used } => write!(
                f,
                "`{key}` asks for {given} runs, which is too many: values and seeds at the ends \
                 of its lists are left out, and {used} runs remain."
            ),
            NoticeKind::NoSweep { given } => write!(
                f,
                "`{key}={}` names nothing to go over; write for example \
                 `{key}=mixup:0|0.4;seed:1..3`, or `{key}=alone` for an ablation.",
                Short(given)
            ),
        }
    }
}

/// Text of unknown origin, cut to a length fit for a sentence.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 60;
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(LONGEST) {
            // A line break, an escape sequence or a mark of direction must not leave
            // the sentence.
            let shown = if is_invisible(character) { ' ' } else { character };
            write!(f, "{shown}")?;
        }
        if characters.next().is_some() { write!(f, "…") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_the_key_and_stays_on_one_short_line() {
        let notice = Notice { key: "x\n".repeat(500), kind: NoticeKind::Unknown };
        let sentence = notice.to_string();
        assert!(sentence.contains("x x") && !sentence.contains('\n'));
        assert!(sentence.chars().count() < 120, "{sentence}");
    }
}
