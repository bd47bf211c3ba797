//! The value of `sweep` as text: `mixup:0|0.4;epochs:5|20;seed:1..5`,
//! `alone;seed:1..3`, `all-but-one:mixup|tta`. Reading is total: any text
//! gives what can be understood, with notices about the rest.

use super::{Design, MAX_SEEDS, MAX_VALUES, Sweep, SweepAxis};
use crate::experiment::key::Key;
use crate::experiment::link::{LONGEST, SWEEP, once, repaired_sweep};
use crate::experiment::notice::{Notice, NoticeKind, Notices};
use crate::experiment::technique::Technique;

const ALONE: &str = "alone";
const ALL_BUT_ONE: &str = "all-but-one";
/// Keys under whose values an ablation can be repeated: those of the training data.
const CONDITIONS: [&str; 3] = ["subset", "noise", "dseed"];
/// Among the techniques of an ablation: progressive resizing at equal compute, too.
pub(super) const EQUAL: &str = "equal";
const SEED: &str = "seed";
/// A list of at least this many successive whole numbers is written as a range.
const SHORTEST_RANGE: usize = 3;

/// The text of a sweep, read without an experiment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Definition {
    /// What varies; `None` if the text names nothing but seeds.
    pub(super) design: Option<Design>,
    /// Under what an ablation is repeated.
    pub(super) conditions: Vec<SweepAxis>,
    /// The seeds; `None` if the text names none.
    pub(super) seeds: Option<Vec<u32>>,
    /// True if an ablation asks for progressive resizing at equal compute.
    pub(super) equal_compute: bool,
    /// What was not taken as written.
    pub(super) notices: Vec<Notice>,
}

impl Definition {
    /// Reads a text. Parts are separated by `;`, a part's name from its values by
    /// `:`, values by `|`; `a..b` stands for the whole numbers from a to b.
    /// A text longer than [`LONGEST`] is not read. If a text is not fully understood, its repaired
    /// form is tried: mail and chat programs mangle links.
    pub(super) fn read(text: &str) -> Self {
        let written = Self::as_written(text);
        if written.notices.is_empty() || text.len() > LONGEST {
            return written;
        }
        let meant = repaired_sweep(text);
        let mut repaired = Self::as_written(&meant);
        if repaired.notices.len() >= written.notices.len() {
            return written;
        }
        let kind = NoticeKind::Repaired { used: meant };
        repaired.notices.insert(0, Notice { key: SWEEP.to_owned(), kind });
        repaired
    }

    fn as_written(text: &str) -> Self {
        let mut notices = Notices::default();
        if text.len() > LONGEST {
            note(&mut notices, SWEEP, NoticeKind::LinkTooLong { bytes: text.len() });
            return Self {
                design: None,
                conditions: Vec::new(),
                seeds: None,
                equal_compute: false,
                notices: notices.all(),
            };
        }
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(|part| {
            let (name, values) = part.split_once(':').unwrap_or((part, ""));
            (name.trim(), values.trim())
        });
        let (parts, repeated) = once(parts);
        for name in repeated {
            note(&mut notices, name, NoticeKind::Repeated);
        }

        let (mut axes, mut ablation, mut seeds) = (Vec::new(), None, None);
        let (mut equal_compute, mut conditions) = (false, Vec::new());
        for (name, values) in parts {
            match (name, Key::named(name)) {
                (SEED, Some(key)) => seeds = read_seeds(key, values, &mut notices),
                (ALONE | ALL_BUT_ONE, _) => {
                    let (techniques, equal) = read_techniques(name, values, &mut notices);
                    ablation = Some((name == ALONE, techniques));
                    equal_compute = equal;
                }
                (_, Some(key)) => axes.extend(read_axis(key, values, &mut notices)),
                (_, None) => note(&mut notices, name, NoticeKind::Unknown),
            }
        }
        let design = match ablation {
            Some((alone, techniques)) => {
                for axis in axes {
                    if CONDITIONS.contains(&axis.key) {
                        conditions.push(axis);
                        continue;
                    }
                    let why = format!(
                        "an ablation goes over techniques and seeds, and over {}",
                        CONDITIONS.join(", ")
                    );
                    note(&mut notices, axis.key, NoticeKind::NotSwept { why });
                }
                let kind = if alone { Design::Alone } else { Design::AllButOne };
                Some(kind(techniques))
            }
            None => (!axes.is_empty()).then_some(Design::Grid(axes)),
        };
        Self { design, conditions, seeds, equal_compute, notices: notices.all() }
    }
}

/// The canonical text of a sweep.
pub(super) fn write(sweep: &Sweep) -> String {
    let axis = |axis: &SweepAxis| format!("{}:{}", axis.key, write_list(&axis.values));
    let mut parts: Vec<String> = match &sweep.design {
        Design::Grid(axes) => axes.iter().map(axis).collect(),
        Design::Alone(techniques) => vec![write_ablation(ALONE, techniques, sweep)],
        Design::AllButOne(techniques) => vec![write_ablation(ALL_BUT_ONE, techniques, sweep)],
    };
    parts.extend(sweep.conditions.iter().map(axis));
    let seeds: Vec<String> = sweep.seeds.iter().map(u32::to_string).collect();
    parts.push(format!("{SEED}:{}", write_list(&seeds)));
    parts.join(";")
}

fn write_ablation(name: &str, techniques: &[Technique], sweep: &Sweep) -> String {
    if techniques == Technique::ALL && !sweep.equal_compute {
        return name.to_owned();
    }
    let mut keys: Vec<&str> = techniques.iter().map(|technique| technique.key()).collect();
    keys.extend(sweep.equal_compute.then_some(EQUAL));
    format!("{name}:{}", keys.join("|"))
}

/// Values joined by `|`, or as `a..b` where they are that range.
fn write_list(values: &[String]) -> String {
    let numbers: Option<Vec<u32>> = values.iter().map(|value| value.parse().ok()).collect();
    if let Some([first, .., last]) = numbers.as_deref()
        && values.len() >= SHORTEST_RANGE
        && (*first..=*last).map(|number| number.to_string()).eq(values.iter().cloned())
    {
        return format!("{first}..{last}");
    }
    values.join("|")
}

fn read_axis(key: &'static Key, text: &str, notices: &mut Notices) -> Option<SweepAxis> {
    let values = read_values(key, text, MAX_VALUES, notices);
    (!values.is_empty()).then_some(SweepAxis { key: key.name, values })
}

fn read_seeds(key: &'static Key, text: &str, notices: &mut Notices) -> Option<Vec<u32>> {
    let values = read_values(key, text, MAX_SEEDS as usize, notices);
    let seeds: Vec<u32> = values.iter().filter_map(|value| value.parse().ok()).collect();
    (!seeds.is_empty()).then_some(seeds)
}

/// The values of a list by the rules of links: moved into range with a notice,
/// left out if they cannot be read, each only once.
fn read_values(key: &'static Key, text: &str, most: usize, notices: &mut Notices) -> Vec<String> {
    let (items, cut) = expand(text, most);
    if cut {
        note(notices, key.name, NoticeKind::TooLong { used: most });
    }
    let mut values: Vec<String> = Vec::new();
    for item in items {
        let (read, notice) = key.canonical(&item);
        if let Some(notice) = &notice
            && matches!(notice.kind, NoticeKind::Unreadable { .. })
        {
            let kind = NoticeKind::LeftOut { given: item, allowed: key.values.to_owned() };
            note(notices, key.name, kind);
            continue;
        }
        if let Some(notice) = notice {
            notices.add(notice);
        }
        if values.contains(&read) {
            note(notices, key.name, NoticeKind::Twice { given: read });
        } else {
            values.push(read);
        }
    }
    values
}

/// The items of a list with ranges written out, at most `most`; true if there
/// are more.
fn expand(text: &str, most: usize) -> (Vec<String>, bool) {
    let mut items = Vec::new();
    for item in text.split('|').map(str::trim) {
        let range = item.split_once("..").and_then(|(first, last)| {
            Some((first.trim().parse::<u32>().ok()?, last.trim().parse::<u32>().ok()?))
        });
        match range {
            Some((first, last)) if first <= last => {
                items.extend((first..=last).take(most + 1).map(|number| number.to_string()));
            }
            Some((first, last)) => {
                items.extend((last..=first).rev().take(most + 1).map(|it| it.to_string()));
            }
            None => items.push(item.to_owned()),
        }
        if items.len() > most {
            items.truncate(most);
            return (items, true);
        }
    }
    (items, false)
}

/// The techniques that an ablation names, all of them if it names none; true if it asks
/// for equal compute.
fn read_techniques(name: &str, text: &str, notices: &mut Notices) -> (Vec<Technique>, bool) {
    let (mut techniques, mut equal) = (Vec::new(), false);
    for item in text.split('|').map(str::trim).filter(|item| !item.is_empty()) {
        match Technique::ALL.into_iter().find(|technique| technique.key() == item) {
            Some(technique) if techniques.contains(&technique) => {
                note(notices, name, NoticeKind::Twice { given: item.to_owned() });
            }
            Some(technique) => techniques.push(technique),
            None if item == EQUAL => equal = true,
            None => {
                let allowed = format!("{}, {EQUAL}", Technique::ALL.map(Technique::key).join(", "));
                note(notices, name, NoticeKind::LeftOut { given: item.to_owned(), allowed });
            }
        }
    }
    (if techniques.is_empty() { Technique::ALL.to_vec() } else { techniques }, equal)
}

/// Adds a notice.
fn note(notices: &mut Notices, key: &str, kind: NoticeKind) {
    let key = if key.is_empty() { SWEEP } else { key };
    notices.add(Notice { key: key.to_owned(), kind });
}
