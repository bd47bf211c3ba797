//! Golden programs: each file beside this one is what its link gives.

use super::*;
use crate::experiment::link::parse;

fn of(link: &str) -> String {
    program(&parse(link).experiment)
}

#[track_caller]
fn same(link: &str, golden: &str) {
    let made = of(link);
    if made == golden {
        return;
    }
    for (number, (made, golden)) in made.lines().zip(golden.lines()).enumerate() {
        assert_eq!(made, golden, "line {} of {link}", number + 1);
    }
    panic!("{link} gives {} lines, not {}", made.lines().count(), golden.lines().count());
}

#[test]
fn the_book_s_five_techniques() {
    let link = "v=1&data=imagenette&model=xresnet18&prog=128x4,160x5&size=160&bs=128&lr=0.003\
                &crop=aug&mixup=0.4&ls=0.1&tta=4";
    same(link, include_str!("golden/techniques.py"));
}

#[test]
fn the_default_on_the_sample() {
    same("v=1", include_str!("golden/sample.py"));
}

#[test]
fn subsets_noise_frozen_warm_ups_and_the_maximum() {
    let link = "v=1&data=imagenette&subset=100&valid=50&noise=25&dseed=7&model=conv5\
                &prog=32x2,48x0,64x1&freeze=1&bs=32&crop=resize&norm=data&tta=2&ttamax=1&seed=3&engine=cpu";
    same(link, include_str!("golden/subset.py"));
}

#[test]
fn zooming_crops_without_normalization_from_another_archive() {
    let link = "v=1&data=https://example.org/mine.tgz&model=resnet9&prog=64x2,96x0\
                &crop=rrc&norm=off&tta=4&beta=0.5&engine=webgpu";
    same(link, include_str!("golden/zoom.py"));
}

#[test]
fn every_key_that_decides_something_is_in_the_program() {
    let base = of("v=1");
    for setting in [
        "data=imagenette",
        "subset=20",
        "valid=20",
        "noise=5",
        "model=conv5",
        "size=32",
        "epochs=2",
        "bs=16",
        "gbs=16",
        "lr=0.02",
        "crop=rrc",
        "norm=off",
        "prog=32x1,64x1",
        "mixup=0.2",
        "ls=0.2",
        "tta=3",
        "seed=9",
        "engine=cpu",
    ] {
        let lines = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        assert_ne!(lines(&of(&format!("v=1&{setting}"))), lines(&base), "{setting}");
    }
    let saved = format!("v=1&init={}&norm=model", "0".repeat(64));
    assert!(of(&saved).contains("learn.load"));
    assert!(of(&saved).contains("norm=model"));
}

#[test]
fn ghost_batches_accumulate_gradients_and_say_what_differs() {
    let ghosts = of("v=1&bs=64&gbs=16&mixup=0.4");
    assert!(ghosts.contains("dataloaders(files, bs=16)"), "{ghosts}");
    assert!(ghosts.contains("cbs=[MixUp(0.4), GradientAccumulation(n_acc=64)]"), "{ghosts}");
    assert!(ghosts.contains("# gbs=16:") && ghosts.contains("within all 64"), "{ghosts}");
}

#[test]
fn an_address_cannot_leave_its_string() {
    assert_eq!(quoted("a\"); import os #\\\n"), r#""a\"); import os #\\""#);
}

#[test]
fn a_saved_model_is_tuned_with_three_groups() {
    let tuned = of(&format!("v=1&model=xresnet18&init={}&ft=1&epochs=3", "0".repeat(64)));
    assert!(tuned.contains("layers[:3]") && tuned.contains("splitter=groups"));
    assert!(tuned.ends_with("learn.fine_tune(3, lr)\n"), "{tuned}");
}
