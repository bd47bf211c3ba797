//! The promises of sweeps as links: what a definition means, that writing and
//! reading are each other's inverse, and that no text is too odd to read.

use super::*;
use crate::experiment::link::parse;
use crate::experiment::notice::NoticeKind;

fn plan(link: &str) -> Plan {
    Plan::parse(link).plan.unwrap_or_else(|| panic!("no sweep in {link}"))
}

fn links(plan: &Plan) -> Vec<String> {
    plan.runs().into_iter().map(|run| run.experiment.link()).collect()
}

fn names(plan: &Plan) -> Vec<String> {
    plan.arms().into_iter().map(|arm| arm.name).collect()
}

fn contrasts(plan: &Plan) -> Vec<(String, usize, usize)> {
    plan.contrasts().into_iter().map(|it| (it.name, it.without, it.with)).collect()
}

#[test]
fn a_grid_runs_every_combination_with_every_seed() {
    let link = "v=1&size=32&sweep=mixup:0|0.4;epochs:5|20;seed:1|2";
    let parsed = Plan::parse(link);
    assert!(parsed.notices.is_empty(), "{:?}", parsed.notices);
    let plan = parsed.plan.unwrap();
    assert_eq!(plan.link(), link);
    assert_eq!(
        names(&plan),
        ["mixup=0, epochs=5", "mixup=0, epochs=20", "mixup=0.4, epochs=5", "mixup=0.4, epochs=20"]
    );
    assert_eq!(
        links(&plan),
        [
            "v=1&size=32&seed=1",
            "v=1&size=32&epochs=20&seed=1",
            "v=1&size=32&mixup=0.4&seed=1",
            "v=1&size=32&epochs=20&mixup=0.4&seed=1",
            "v=1&size=32&seed=2",
            "v=1&size=32&epochs=20&seed=2",
            "v=1&size=32&mixup=0.4&seed=2",
            "v=1&size=32&epochs=20&mixup=0.4&seed=2",
        ]
    );
    // The first key is compared, under each value of the second.
    assert_eq!(
        contrasts(&plan),
        [
            ("mixup 0 → 0.4 (epochs=5)".to_owned(), 0, 2),
            ("mixup 0 → 0.4 (epochs=20)".to_owned(), 1, 3)
        ]
    );
}

#[test]
fn an_ablation_switches_each_technique_on_alone() {
    let parsed = Plan::parse("v=1&size=32&epochs=10&sweep=alone");
    assert!(parsed.notices.is_empty(), "{:?}", parsed.notices);
    let plan = parsed.plan.unwrap();
    assert_eq!(plan.link(), "v=1&size=32&epochs=10&sweep=alone;seed:42..44");
    assert_eq!(
        names(&plan),
        [
            "none",
            "Normalization",
            "Progressive resizing",
            "Test-time augmentation",
            "Mixup",
            "Label smoothing"
        ]
    );
    // Five runs a seed for six arms: that of TTA gives the baseline too.
    assert_eq!(links(&plan).len(), 15);
    assert_eq!(
        links(&plan)[..5],
        [
            "v=1&size=32&epochs=10&norm=off&tta=4",
            "v=1&size=32&epochs=10",
            "v=1&norm=off&prog=16x5,32x4",
            "v=1&size=32&epochs=10&norm=off&mixup=0.4",
            "v=1&size=32&epochs=10&norm=off&ls=0.1",
        ]
    );
    let arms = plan.arms();
    assert_eq!((arms[0].reading, arms[3].reading), (Reading::Plain, Reading::Tta));
    assert_eq!(arms[0].trained, arms[3].trained);
    assert_eq!(arms[0].experiment.tta, 0);
    assert_eq!(contrasts(&plan)[3], ("Mixup".to_owned(), 0, 4));
    let only_tta: Vec<bool> = plan.contrasts().iter().map(|it| it.only_tta).collect();
    assert_eq!(only_tta, [false, false, true, false, false]);
}

#[test]
fn the_other_ablation_switches_each_technique_off_alone() {
    let plan = plan("v=1&size=32&epochs=10&mixup=0.2&sweep=all-but-one:mixup|tta;seed:7");
    assert_eq!(plan.sweep().design, Design::AllButOne(vec![Technique::Tta, Technique::Mixup]));
    assert_eq!(plan.definition(), "all-but-one:tta|mixup;seed:7");
    assert_eq!(names(&plan), ["all", "all but Test-time augmentation", "all but Mixup"]);
    // Techniques that are not varied stay, and those that are on keep their
    // parameters.
    assert_eq!(
        links(&plan),
        ["v=1&size=32&epochs=10&mixup=0.2&tta=4&seed=7", "v=1&size=32&epochs=10&tta=4&seed=7"]
    );
    let readings: Vec<Reading> = plan.arms().iter().map(|arm| arm.reading).collect();
    assert_eq!(readings, [Reading::Tta, Reading::Plain, Reading::Tta]);
    assert_eq!(
        contrasts(&plan),
        [("Test-time augmentation".to_owned(), 1, 0), ("Mixup".to_owned(), 2, 0)]
    );
}

#[test]
fn values_follow_the_rules_of_links() {
    let parsed = Plan::parse("v=1&sweep=size:9|32|32|abc|999;bs:16..18|64;lr:1e-2");
    let plan = parsed.plan.unwrap();
    assert_eq!(plan.definition(), "size:16|32|160;bs:16|17|18|64;lr:0.01;seed:42");
    let kinds: Vec<&NoticeKind> = parsed.notices.iter().map(|notice| &notice.kind).collect();
    assert!(matches!(
        kinds[..],
        [
            NoticeKind::Outside { .. },
            NoticeKind::Twice { .. },
            NoticeKind::LeftOut { .. },
            NoticeKind::Outside { .. }
        ]
    ));
}

#[test]
fn ranges_are_inclusive_and_go_either_way() {
    assert_eq!(plan("sweep=seed:1..5").sweep().seeds, [1, 2, 3, 4, 5]);
    assert_eq!(plan("sweep=seed:3..1").sweep().seeds, [3, 2, 1]);
    assert_eq!(plan("sweep=seed:3..1").definition(), "seed:3|2|1");
    assert_eq!(plan("sweep=seed:4294967295").sweep().seeds, [u32::MAX]);
    let long = Plan::parse("sweep=seed:0..4294967295");
    assert_eq!(long.plan.unwrap().sweep().seeds.len(), 100);
    assert_eq!(long.notices[0].kind, NoticeKind::TooLong { used: 100 });
}

#[test]
fn an_empty_value_is_one_where_links_have_one() {
    let plan = plan("v=1&epochs=4&sweep=prog:|32x4,64x2");
    assert_eq!(names(&plan), ["prog=none", "prog=32x4,64x2"]);
    assert_eq!(links(&plan), ["v=1&epochs=4", "v=1&prog=32x4,64x2"]);
}

#[test]
fn what_cannot_be_swept_is_said() {
    for (text, definition) in [
        ("sweep=data:sample|imagenette;mixup:0|1", Some("mixup:0|1;seed:42")),
        ("sweep=valid:10|20;seed:1", None),
        ("sweep=run:0|1", None),
        ("valid=20&sweep=dseed:1|2", None),
        ("sweep=dseed:1|2", Some("dseed:1|2;seed:42")),
        ("prog=32x2,64x1&sweep=epochs:1|2;ls:0|0.1", Some("ls:0|0.1;seed:42")),
        ("sweep=colour:red", None),
        ("sweep=;", None),
        ("sweep=alone;mixup:0|1;seed:1", Some("alone;seed:1")),
        ("epochs=2&sweep=alone:prog|mixup;seed:1", Some("alone:mixup;seed:1")),
        ("epochs=2&sweep=alone:prog", None),
        ("sweep=alone:vgg|mixup;seed:1", Some("alone:mixup;seed:1")),
        ("sweep=norm:off|model", Some("norm:off|model;seed:42")),
        ("sweep=ls:0;ls:0.1", Some("ls:0.1;seed:42")),
    ] {
        let parsed = Plan::parse(text);
        assert_eq!(parsed.plan.map(|plan| plan.definition()).as_deref(), definition, "{text}");
        if !text.contains("dseed") || text.contains("valid") {
            assert!(!parsed.notices.is_empty(), "{text}");
        }
        for notice in parsed.notices {
            assert!(notice.to_string().ends_with('.'), "{notice}");
        }
    }
    assert_eq!(Plan::parse("v=1&mixup=1"), Parsed { plan: None, notices: Vec::new() });
}

#[test]
fn a_sweep_is_cut_to_what_somebody_can_wait_for() {
    let parsed = Plan::parse("sweep=size:16..115;epochs:1..100;bs:2..101;seed:1..9");
    let plan = parsed.plan.unwrap();
    let runs = plan.runs().len() as u64;
    assert!((900..=MAX_RUNS).contains(&runs), "{runs}");
    let last = parsed.notices.last().unwrap();
    assert_eq!(last.kind, NoticeKind::TooManyRuns { given: 9_000_000, used: runs });
    let seeds = Plan::parse("sweep=size:16..115;epochs:1..5;seed:1..9").plan.unwrap();
    assert_eq!(seeds.sweep().seeds, [1, 2]);
    assert_eq!(plan.with_seeds(0).0.sweep().seeds, [1]);
}

#[test]
fn seeds_can_be_set_afterwards() {
    let (five, notices) = plan("sweep=mixup:0|1;seed:7").with_seeds(5);
    assert!(notices.is_empty());
    assert_eq!(five.link(), "v=1&sweep=mixup:0|1;seed:7..11");
    assert_eq!(seeds_from(u32::MAX, 2), [u32::MAX, 0]);
}

#[test]
fn an_experiment_s_link_is_read_without_its_sweep() {
    let parsed = parse("v=1&size=32&sweep=mixup%3A0%7C0.4");
    assert!(parsed.notices.is_empty());
    assert_eq!(parsed.experiment.link(), "v=1&size=32");
    assert_eq!(parsed.sweep.as_deref(), Some("mixup:0|0.4"));
    assert_eq!(parse("v=1&sweep=").sweep, None);
}

#[test]
fn every_preset_is_a_link_and_is_known_again() {
    for base in ["v=1", "v=1&data=imagenette&size=33&epochs=10", "v=1&prog=32x5,64x4&seed=5"] {
        let base = parse(base).experiment;
        for preset in Preset::ALL {
            let made = preset.plan(&base);
            assert!(made.notices.is_empty(), "{preset:?}: {:?}", made.notices);
            let made = made.plan.unwrap();
            assert_eq!(made.sweep().seeds.len(), 3);
            assert_eq!(plan(&made.link()), made);
            assert_eq!(Preset::of(&made), Some(preset));
            assert_eq!(Preset::of(&made.with_seeds(9).0), Some(preset));
            assert_eq!(Preset::named(preset.name()), Some(preset));
            assert!(preset.question().ends_with('?'));
            assert!(preset.expectation().starts_with("Expected: "));
        }
    }
    assert_eq!(Preset::of(&plan("v=1&sweep=ls:0|0.2;noise:0|25|50")), None);
}

#[test]
fn the_progressive_preset_trains_for_equally_many_pixels() {
    for (size, epochs) in [(64, 5), (16, 1), (33, 3), (160, 200), (96, 20)] {
        let base = Experiment { size, epochs, ..Experiment::default() };
        let plan = Preset::ProgressiveResizing.plan(&base).plan.unwrap();
        let pixels = |experiment: &Experiment| {
            let cost = |(index, phase): (usize, &crate::experiment::Phase)| {
                u64::from(phase.size).pow(2) * u64::from(phase.epochs + u32::from(index > 0))
            };
            experiment.phases().iter().enumerate().map(cost).sum::<u64>()
        };
        let costs: Vec<u64> = plan.arms().iter().map(|arm| pixels(&arm.experiment)).collect();
        assert_eq!(costs.len(), 2, "{}", plan.link());
        assert_eq!(costs[0], costs[1], "{}", plan.link());
    }
    let plan = Preset::ProgressiveResizing.plan(&Experiment::default()).plan.unwrap();
    assert_eq!(plan.link(), "v=1&sweep=prog:|32x4,64x3;seed:42..44");
}

#[cfg(not(target_family = "wasm"))]
mod properties {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::select;

    /// Texts that look like definitions, so that the readers are reached.
    fn definition_like() -> impl Strategy<Value = String> {
        let names = crate::experiment::key::KEYS.iter().map(|key| key.name.to_owned());
        let names: Vec<String> =
            names.chain(["alone", "all-but-one", "seed", "v", ""].map(str::to_owned)).collect();
        let value = prop_oneof![
            "-?[0-9]{0,4}(\\.[0-9]{0,3})?",
            "[0-9]{1,3}\\.\\.[0-9]{1,10}",
            "[0-9]{0,3}x[0-9]{0,3}(,[0-9]{0,3}x[0-9]{0,3}){0,3}",
            select(vec![
                "", "all", "model", "off", "tiny", "resnet9", "aug", "prog", "tta", "norm"
            ])
            .prop_map(str::to_owned),
            ".{0,6}",
        ];
        let part = (select(names), prop::collection::vec(value, 0..6))
            .prop_map(|(name, values)| format!("{name}:{}", values.join("|")));
        prop::collection::vec(part, 0..5).prop_map(|parts| parts.join(";"))
    }

    fn base() -> impl Strategy<Value = &'static str> {
        select(vec![
            "v=1",
            "v=1&size=16&epochs=2&run=1",
            "v=1&prog=32x2,64x1&mixup=0.2&valid=20",
            "v=1&norm=model&init=0123456789012345678901234567890123456789012345678901234567890123",
        ])
    }

    proptest! {
        #[test]
        fn any_text_gives_a_sweep_whose_link_is_stable(
            base in base(),
            definition in prop_oneof![definition_like(), ".*"],
        ) {
            let parsed = Plan::define(&definition, &parse(base).experiment);
            for notice in &parsed.notices {
                prop_assert!(notice.to_string().ends_with('.'), "{}", notice);
            }
            let Some(plan) = parsed.plan else {
                prop_assert!(!parsed.notices.is_empty());
                return Ok(());
            };
            let link = plan.link();
            let fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/,%&=;|".contains(&byte);
            prop_assert!(link.bytes().all(fit), "{}", link);
            let again = Plan::parse(&link);
            prop_assert_eq!(again.plan.as_ref(), Some(&plan), "{}", link);
            prop_assert_eq!(again.plan.map(|plan| plan.link()), Some(link));

            let (arms, runs) = (plan.arms(), plan.runs());
            prop_assert!(!arms.is_empty() && !runs.is_empty());
            prop_assert!(runs.len() as u64 <= MAX_RUNS);
            for run in &runs {
                prop_assert_eq!(run.experiment.clamped(), (run.experiment.clone(), Vec::new()));
            }
            for contrast in plan.contrasts() {
                prop_assert!(contrast.with < arms.len() && contrast.without < arms.len());
            }
        }
    }
}
