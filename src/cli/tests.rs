//! The command line: what its arguments mean, and which are refused.

use super::*;
use crate::saved::SavedModel;
use clap::CommandFactory as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own for one test, removed at its end.
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("imagenette-playground-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Names of all that is in it, in order.
    pub(super) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn args(more: &[&str]) -> Result<Args, clap::Error> {
    Args::try_parse_from(std::iter::once("train").chain(more.iter().copied()))
}

fn planned(more: &[&str]) -> anyhow::Result<Option<String>> {
    let args = args(more)?;
    let plan = plan(&args.sweep, &link::parse(&args.link))?;
    Ok(plan.map(|plan| plan.link()))
}

#[test]
fn the_definition_of_the_arguments_is_sound() {
    Args::command().debug_assert();
    let help = Args::command().render_long_help().to_string();
    for wanted in ["--sweep", "--ablation", "all-but-one", "mixup-epochs", "ttamax"] {
        assert!(help.contains(wanted), "{wanted}: {help}");
    }
}

#[test]
fn a_sweep_comes_from_an_option_or_from_the_link() {
    let out = ["--out", "x"];
    let cases: [(&[&str], Option<&str>); 7] = [
        (&["v=1&size=32"], None),
        (&["v=1&sweep=ls:0|0.1;seed:1"], Some("v=1&sweep=ls:0|0.1;seed:1")),
        (&["v=1&sweep=ls:0|0.1", "--sweep", "lr:0.1"], Some("v=1&sweep=lr:0.1;seed:42")),
        (&["--sweep", "mixup-epochs"], Some("v=1&sweep=mixup:0|0.4;epochs:5|20;seed:42..44")),
        (&["--ablation", "alone"], Some("v=1&sweep=alone;seed:42..44")),
        (
            &["v=1&seed=1", "--ablation", "all-but-one", "--seeds", "5"],
            Some("v=1&sweep=all-but-one;seed:1..5"),
        ),
        (&["v=1&sweep=alone", "--seeds", "1"], Some("v=1&sweep=alone;seed:42")),
    ];
    for (given, link) in cases {
        let given = [given, &out].concat();
        assert_eq!(planned(&given).unwrap().as_deref(), link, "{given:?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for given in [
        &["--sweep", "alone"][..],
        &["--ablation", "alone", "--sweep", "alone", "--out", "x"],
        &["--ablation", "some", "--out", "x"],
        &["--seeds", "0", "--out", "x"],
        &["--seeds", "3"],
        &["--json", "a", "--out", "x"],
        &["--probabilities"],
        &["--evaluate", "a", "--save", "b"],
        &["--evaluate", "a", "--init", "b"],
        &["--lr-find", "--json", "a"],
        &["--save", "a", "--out", "x"],
        &["--checkpoint", "a", "--out", "x"],
        &["--checkpoint", "a", "--lr-find"],
    ] {
        assert!(args(given).is_err(), "{given:?}");
    }
    let error = planned(&["--sweep", "colour:red", "--out", "x"]).unwrap_err().to_string();
    assert!(error.contains("`colour`") && error.contains("mixup:0|0.4"), "{error}");
}

/// A file that holds a model of these classes, in a folder that is removed.
fn with_model(then: impl FnOnce(&Path, &str)) {
    let about = crate::saved::About {
        link: "v=1&model=conv5&norm=data".into(),
        model: "conv5".into(),
        classes: vec!["a".into(), "b".into()],
        normalization: Some([[0.5; 3], [0.2; 3]]),
        size: 32,
        accuracy: 0.5,
        epochs: 1,
        dataset: "made".into(),
        build: "dev".into(),
    };
    let bytes = SavedModel { about, tensors: Vec::new() }.to_bytes();
    let path =
        std::env::temp_dir().join(format!("playground-cli-{}.safetensors", std::process::id()));
    std::fs::write(&path, &bytes).unwrap();
    then(&path, &crate::saved::hash(&bytes));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_saved_model_brings_its_network_and_statistics_unless_the_link_has_others() {
    with_model(|path, hash| {
        let other = "0".repeat(64);
        for (text, expected) in [
            ("v=1", format!("v=1&model=conv5&init={hash}&norm=model")),
            ("v=1&norm=imagenet&ft=1", format!("v=1&model=conv5&init={hash}&ft=1")),
            ("#v=1&norm=model", format!("v=1&model=conv5&init={hash}&norm=model")),
            ("v=1&model=tiny&norm=off", format!("v=1&init={hash}&norm=off")),
            (&format!("v=1&init={hash}"), format!("v=1&init={hash}")),
        ] {
            let (parsed, _) = models::start(path, text).unwrap();
            assert_eq!(parsed.experiment.link(), expected, "{text}");
            assert!(parsed.notices.is_empty(), "{text}: {:?}", parsed.notices);
        }
        let error = models::start(path, &format!("v=1&init={other}")).unwrap_err().to_string();
        assert!(error.contains(&hash[..8]) && error.contains("00000000"), "{error}");
    });
    let error = models::start(Path::new("/no/such"), "v=1").unwrap_err();
    assert!(error.to_string().contains("/no/such"));
}
