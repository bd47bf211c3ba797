//! The keys of an experiment: name, values and meaning of each, in the order of
//! links, and reading and writing one by its name. The one table behind links,
//! `train --help` and the page. Independent of how a link is put together.

mod help;
mod value;

pub use help::help;

use super::notice::{Notice, NoticeKind};
use super::{Crop, DataSource, EngineChoice, Experiment, ModelKind, Norm, prog, range};
use value::{ValueRead, choice, float, images_per_class, integer, yes_or_no};

/// One key of the table.
pub struct Key {
    /// As it is written in links.
    pub name: &'static str,
    /// Values it may take, the default first.
    pub values: &'static str,
    write: fn(&Experiment) -> String,
    read: fn(&mut Experiment, &str) -> ValueRead,
}

/// All keys, in the order in which links have them. Only ever appended to.
pub static KEYS: [Key; 25] = [
    Key {
        name: "data",
        values: "sample, imagenette, http(s)://…",
        write: |e| value::write_data(&e.data),
        read: |e, text| value::read_data(&mut e.data, text),
    },
    Key {
        name: "subset",
        values: "all, 10…1300",
        write: |e| value::write_images_per_class(e.subset),
        read: |e, text| images_per_class(&mut e.subset, text),
    },
    Key {
        name: "valid",
        values: "all, 10…1300",
        write: |e| value::write_images_per_class(e.valid),
        read: |e, text| images_per_class(&mut e.valid, text),
    },
    Key {
        name: "noise",
        values: "0, 1, 5, 25, 50",
        write: |e| e.noise.percent().to_string(),
        read: |e, text| value::read_noise(&mut e.noise, text),
    },
    Key {
        name: "dseed",
        values: "42, 0…4294967295",
        write: |e| e.dseed.to_string(),
        read: |e, text| integer(&mut e.dseed, text, range::SEED),
    },
    Key {
        name: "model",
        values: "tiny, resnet9, xresnet18, conv5",
        write: |e| e.model.name().to_owned(),
        read: |e, text| choice(&mut e.model, text, &ModelKind::ALL, ModelKind::name),
    },
    Key {
        name: "init",
        values: "(empty), 64 hex digits",
        write: |e| e.init.clone().unwrap_or_default(),
        read: |e, text| value::read_init(&mut e.init, text),
    },
    Key {
        name: "size",
        values: "64, 16…160",
        write: |e| e.size.to_string(),
        read: |e, text| integer(&mut e.size, text, range::SIZE),
    },
    Key {
        name: "epochs",
        values: "5, 1…200",
        write: |e| e.epochs.to_string(),
        read: |e, text| integer(&mut e.epochs, text, range::EPOCHS),
    },
    Key {
        name: "bs",
        values: "64, 2…1024",
        write: |e| e.bs.to_string(),
        read: |e, text| integer(&mut e.bs, text, range::BATCH),
    },
    Key {
        name: "lr",
        values: "0.01, 0.0000001…10",
        write: |e| e.lr.to_string(),
        read: |e, text| float(&mut e.lr, text, range::LR),
    },
    Key {
        name: "crop",
        values: "pad, resize, rrc, aug",
        write: |e| e.crop.name().to_owned(),
        read: |e, text| choice(&mut e.crop, text, &Crop::ALL, Crop::name),
    },
    Key {
        name: "norm",
        values: "imagenet, off, data, model",
        write: |e| e.norm.name().to_owned(),
        read: |e, text| choice(&mut e.norm, text, &Norm::ALL, Norm::name),
    },
    Key {
        name: "prog",
        values: "(empty), e.g. 32x2,48x1,64x1",
        write: |e| prog::format(&e.prog),
        read: |e, text| value::read_prog(&mut e.prog, text),
    },
    Key {
        name: "freeze",
        values: "0, 1",
        write: |e| u8::from(e.freeze).to_string(),
        read: |e, text| yes_or_no(&mut e.freeze, text),
    },
    Key {
        name: "mixup",
        values: "0, 0.05…4",
        write: |e| e.mixup.to_string(),
        read: |e, text| float(&mut e.mixup, text, range::MIXUP),
    },
    Key {
        name: "ls",
        values: "0, 0.01…0.5",
        write: |e| e.ls.to_string(),
        read: |e, text| float(&mut e.ls, text, range::LS),
    },
    Key {
        name: "tta",
        values: "0, 1…16",
        write: |e| e.tta.to_string(),
        read: |e, text| integer(&mut e.tta, text, range::TTA),
    },
    Key {
        name: "ttamax",
        values: "0, 1",
        write: |e| u8::from(e.ttamax).to_string(),
        read: |e, text| yes_or_no(&mut e.ttamax, text),
    },
    Key {
        name: "beta",
        values: "0.25, 0…1",
        write: |e| e.beta.to_string(),
        read: |e, text| float(&mut e.beta, text, range::BETA),
    },
    Key {
        name: "seed",
        values: "42, 0…4294967295",
        write: |e| e.seed.to_string(),
        read: |e, text| integer(&mut e.seed, text, range::SEED),
    },
    Key {
        name: "engine",
        values: "auto, webgpu, cpu",
        write: |e| e.engine.name().to_owned(),
        read: |e, text| choice(&mut e.engine, text, &EngineChoice::ALL, EngineChoice::name),
    },
    Key {
        name: "run",
        values: "0, 1",
        write: |e| u8::from(e.run).to_string(),
        read: |e, text| yes_or_no(&mut e.run, text),
    },
    Key {
        name: "ft",
        values: "0, 1",
        write: |e| u8::from(e.ft).to_string(),
        read: |e, text| yes_or_no(&mut e.ft, text),
    },
    Key {
        name: "gbs",
        values: "0, 2…1024",
        write: |e| e.gbs.to_string(),
        read: |e, text| integer(&mut e.gbs, text, range::GHOST),
    },
];

/// The value of the key `data`.
pub(super) fn data_text(data: &DataSource) -> String {
    value::write_data(data)
}

/// What a value of the key `data` means; the sample, if it means nothing.
pub(super) fn data_of(text: &str) -> DataSource {
    let mut data = DataSource::Sample;
    // What cannot be read leaves it as it is.
    let _: ValueRead = value::read_data(&mut data, text);
    data
}

impl Key {
    /// The key of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// Its value, as text that [`Experiment::set`] reads back.
    pub fn value(&self, experiment: &Experiment) -> String {
        (self.write)(experiment)
    }

    /// A value as links write it, by itself, and what was not taken as written.
    pub fn canonical(&self, text: &str) -> (String, Option<Notice>) {
        let mut scratch = Experiment::default();
        let notice = self.assign(&mut scratch, text);
        (self.value(&scratch), notice)
    }

    pub(super) fn assign(&self, experiment: &mut Experiment, text: &str) -> Option<Notice> {
        let given = text.trim();
        let before = self.value(experiment);
        let kind = match (self.read)(experiment, given) {
            ValueRead::Exact => return None,
            ValueRead::Moved => NoticeKind::Outside {
                given: given.to_owned(),
                used: self.value(experiment),
                allowed: self.values.to_owned(),
            },
            ValueRead::Unreadable => NoticeKind::Unreadable {
                given: given.to_owned(),
                used: before,
                allowed: self.values.to_owned(),
            },
        };
        Some(Notice { key: self.name.to_owned(), kind })
    }
}

/// One key in which two experiments differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Name of the key.
    pub key: &'static str,
    /// Its value here.
    pub this: String,
    /// Its value in the other experiment.
    pub other: String,
}

impl Experiment {
    /// The value of a key by its name, as it is written in links before any
    /// percent-encoding; `None` if there is no such key.
    pub fn get(&self, name: &str) -> Option<String> {
        Key::named(name).map(|key| key.value(self))
    }

    /// Sets one key from text, by the rules of links, and returns what was not
    /// taken as written. A value that cannot be read changes nothing.
    pub fn set(&mut self, name: &str, text: &str) -> Vec<Notice> {
        let Some(key) = Key::named(name) else {
            return vec![Notice { key: name.to_owned(), kind: NoticeKind::Unknown }];
        };
        let mut notices: Vec<Notice> = key.assign(self, text).into_iter().collect();
        notices.extend(self.apply_joint_rules(&[key.name]));
        notices
    }

    /// The experiment with several keys set from text together, before the rules
    /// that join keys are applied, and what was not taken as written. Names that
    /// are no keys are passed over.
    pub fn with_all<'a>(
        &self,
        settings: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Self, Vec<Notice>) {
        let mut changed = self.clone();
        let mut notices = Vec::new();
        for (name, text) in settings {
            notices.extend(Key::named(name).and_then(|key| key.assign(&mut changed, text)));
        }
        notices.extend(changed.apply_joint_rules(&[]));
        (changed, notices)
    }

    /// The experiment with every value in its range, as its link would be read,
    /// and what was changed for that.
    pub fn clamped(&self) -> (Self, Vec<Notice>) {
        let mut clamped = Self::default();
        let mut notices: Vec<Notice> =
            KEYS.iter().filter_map(|key| key.assign(&mut clamped, &key.value(self))).collect();
        notices.extend(clamped.apply_joint_rules(&[]));
        (clamped, notices)
    }

    /// Applies the rules that connect several keys. `given` names the keys that the
    /// text has, about which notices are made.
    pub(super) fn apply_joint_rules(&mut self, given: &[&str]) -> Vec<Notice> {
        let mut notices = Vec::new();
        if !self.prog.is_empty() {
            // Nothing else may hide in the two keys that leave the link, and
            // switching progressive resizing off shall leave what it had.
            self.size = self.final_size();
            self.epochs = range::EPOCHS.clamp(self.sized_epochs());
            for key in ["size", "epochs"].into_iter().filter(|key| given.contains(key)) {
                notices.push(Notice { key: key.to_owned(), kind: NoticeKind::ReplacedByProg });
            }
        }
        if self.gbs >= self.bs {
            // The whole batch at once, under another name.
            self.gbs = 0;
        }
        if self.norm == Norm::Model && self.init.is_none() {
            self.norm = Norm::Imagenet;
            let used = self.norm.name().to_owned();
            notices.push(Notice { key: "norm".to_owned(), kind: NoticeKind::NoInit { used } });
        }
        if self.ft && self.init.is_none() {
            self.ft = false;
            notices.push(Notice { key: "ft".to_owned(), kind: NoticeKind::NothingToTune });
        }
        notices
    }

    /// The keys that decide the result and differ, in the table's order. With
    /// `prog` on both sides, it speaks for size and epochs; on one side, the
    /// other side's are compared with the last size and the number of epochs.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let (this, other) = (self.clamped().0, other.clamped().0);
        let both_prog = !this.prog.is_empty() && !other.prog.is_empty();
        KEYS.iter()
            .filter(|key| {
                key.name != "run" && !(both_prog && matches!(key.name, "size" | "epochs"))
            })
            .map(|key| Difference {
                key: key.name,
                this: key.value(&this),
                other: key.value(&other),
            })
            .filter(|difference| difference.this != difference.other)
            .collect()
    }
}

#[cfg(test)]
mod tests;
