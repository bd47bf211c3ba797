//! The table of keys: complete, in step with the ranges, and usable by name.

use super::*;
use crate::experiment::link::parse;
use crate::experiment::range;

#[test]
fn the_order_of_the_keys_is_frozen() {
    let names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(
        names,
        [
            "data", "subset", "valid", "noise", "dseed", "model", "init", "size", "epochs", "bs",
            "lr", "crop", "norm", "prog", "freeze", "mixup", "ls", "tta", "ttamax", "beta", "seed",
            "engine", "run", "ft", "gbs"
        ]
    );
}

#[test]
fn the_documented_values_begin_with_the_default_and_end_with_the_range() {
    let default = Experiment::default();
    for key in &KEYS {
        let written = key.value(&default);
        let written = if written.is_empty() { "(empty)" } else { &written };
        assert!(key.values.starts_with(written), "{}: {} and {written}", key.name, key.values);
    }
    for (name, range) in [
        ("subset", range::PER_CLASS.to_string()),
        ("valid", range::PER_CLASS.to_string()),
        ("dseed", range::SEED.to_string()),
        ("size", range::SIZE.to_string()),
        ("epochs", range::EPOCHS.to_string()),
        ("bs", range::BATCH.to_string()),
        ("lr", range::LR.to_string()),
        ("mixup", range::MIXUP.to_string()),
        ("ls", range::LS.to_string()),
        ("tta", range::TTA.to_string()),
        ("beta", range::BETA.to_string()),
        ("seed", range::SEED.to_string()),
    ] {
        let key = Key::named(name).unwrap();
        assert!(key.values.ends_with(&range), "{name}: {} and {range}", key.values);
    }
}

#[test]
fn help_has_a_line_for_every_key() {
    let help = help();
    assert_eq!(help.lines().count(), KEYS.len() + 1);
    assert!(help.contains("mixup") && help.contains("0, 0.05…4"));
}

#[test]
fn one_key_is_set_by_its_name() {
    let mut experiment = Experiment::default();
    assert!(experiment.set("size", "32").is_empty());
    assert_eq!(experiment.get("size").as_deref(), Some("32"));
    assert_eq!(experiment.set("size", "9").len(), 1);
    assert_eq!(experiment.size, 16);
    assert_eq!(experiment.set("size", "").len(), 1);
    assert_eq!(experiment.size, 16, "what cannot be read changes nothing");
    assert_eq!(
        experiment.set("colour", "red").first().map(|n| &n.kind),
        Some(&NoticeKind::Unknown)
    );
    assert_eq!(experiment.get("colour"), None);

    assert!(experiment.set("prog", "32x2,64x1").is_empty());
    assert_eq!((experiment.size, experiment.epochs), (64, 4));
    assert_eq!(
        experiment.set("size", "32").first().map(|n| &n.kind),
        Some(&NoticeKind::ReplacedByProg)
    );
    assert_eq!(experiment.size, 64);
}

#[test]
fn clamping_repairs_what_no_link_could_say() {
    let broken = Experiment { size: 0, lr: f64::NAN, mixup: 9.0, ..Experiment::default() };
    let (clamped, notices) = broken.clamped();
    assert_eq!(clamped, Experiment { size: 16, mixup: 4.0, ..Experiment::default() });
    let keys: Vec<&str> = notices.iter().map(|notice| notice.key.as_str()).collect();
    assert_eq!(keys, ["size", "lr", "mixup"]);
}

#[test]
fn differences_name_only_what_differs_and_decides() {
    let differences = |a: &str, b: &str| -> Vec<String> {
        let (a, b) = (parse(a).experiment, parse(b).experiment);
        let shown = a.differences(&b);
        shown.iter().map(|d| format!("{}: {} → {}", d.key, d.this, d.other)).collect()
    };
    assert!(differences("mixup=0.4", "mixup=0.4&run=1").is_empty());
    assert_eq!(differences("seed=1&ls=0.1", "seed=2&ls=0.1"), ["seed: 1 → 2"]);
    assert_eq!(differences("", "prog=32x3,64x1"), ["prog:  → 32x3,64x1"]);
    assert_eq!(differences("epochs=9", "prog=32x3,64x1"), ["epochs: 9 → 5", "prog:  → 32x3,64x1"]);
    assert_eq!(differences("prog=32x1,64x1", "prog=48x3"), ["prog: 32x1,64x1 → 48x3"]);
}
