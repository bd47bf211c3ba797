//! What was changed about an experiment's text to make it one that can be run.
//! Independent of where the text came from.

use super::link::{LONGEST, SWEEP, is_invisible};
use crate::text;
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
        let key = &*short(&self.key);
        f.write_str(&match &self.kind {
            NoticeKind::Unknown => text::notice_unknown(key),
            NoticeKind::Repeated => text::notice_repeated(key),
            NoticeKind::Unreadable { given, used, allowed } => {
                text::notice_unreadable(key, &short(given), allowed, &short(used))
            }
            NoticeKind::Outside { given, used, allowed } => {
                text::notice_outside(key, &short(given), allowed, &short(used))
            }
            NoticeKind::ReplacedByProg => text::notice_prog(key),
            NoticeKind::NoInit { used } => text::notice_no_init(key, used),
            NoticeKind::NothingToTune => text::notice_nothing_to_tune(key),
            NoticeKind::Version { given } => text::notice_version(key, &short(given)),
            NoticeKind::LinkTooLong { bytes } => {
                let (bytes, most) = (bytes.to_string(), LONGEST.to_string());
                match self.key == SWEEP {
                    true => text::notice_sweep_too_long(&bytes, &most),
                    false => text::notice_link_too_long(&bytes, &most),
                }
            }
            NoticeKind::Repaired { used } => text::notice_repaired(&short(used)),
            NoticeKind::More { count } => text::notice_more(&count.to_string()),
            NoticeKind::NoExperiment => text::notice_no_experiment("#"),
            NoticeKind::NotSwept { why } => text::notice_not_swept(key, why),
            NoticeKind::LeftOut { given, allowed } => {
                text::notice_left_out(&short(given), key, allowed)
            }
            NoticeKind::Twice { given } => text::notice_twice(&short(given), key),
            NoticeKind::TooLong { used } => text::notice_too_long(&used.to_string(), key),
            NoticeKind::TooManyRuns { given, used } => {
                text::notice_too_many_runs(key, &given.to_string(), &used.to_string())
            }
            NoticeKind::NoSweep { given } => text::notice_no_sweep(key, &short(given)),
        })
    }
}

/// Text of unknown origin, cut to a length fit for a sentence.
fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut characters = text.chars();
    let cut = characters.by_ref().take(LONGEST);
    // A line break, an escape sequence or a mark of direction must not leave the sentence.
    let mut shown: String = cut.map(|it| if is_invisible(it) { ' ' } else { it }).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
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
