//! The command line: what its arguments mean, and which are refused.

use super::*;
use clap::CommandFactory as _;

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
    ] {
        assert!(args(given).is_err(), "{given:?}");
    }
    let error = planned(&["--sweep", "colour:red", "--out", "x"]).unwrap_err().to_string();
    assert!(error.contains("`colour`") && error.contains("mixup:0|0.4"), "{error}");
}
