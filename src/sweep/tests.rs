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
fn values_with_a_name_are_shown_by_it() {
    let crops = plan("v=1&sweep=crop:pad|rrc;seed:1");
    assert_eq!(names(&crops), ["padded random crop (crop=pad)", "random resized crop (crop=rrc)"]);
    assert_eq!(contrasts(&crops)[0].0, "padded random crop → random resized crop (crop pad → rrc)");
    let mixed = plan("v=1&sweep=mixup:0|0.4;norm:off|data;seed:1");
    assert_eq!(contrasts(&mixed)[0].0, "mixup 0 → 0.4 (none (norm=off))");
}

#[test]
fn an_ablation_can_have_progressive_resizing_at_equal_compute() {
    let parsed = Plan::parse("v=1&epochs=8&sweep=alone:prog|equal|mixup;seed:1");
    assert!(parsed.notices.is_empty(), "{:?}", parsed.notices);
    let alone = parsed.plan.unwrap();
    assert_eq!(alone.link(), "v=1&epochs=8&sweep=alone:prog|mixup|equal;seed:1");
    assert_eq!(plan(&alone.link()), alone);
    let equal = "Progressive resizing at equal compute";
    assert_eq!(names(&alone), ["none", "Progressive resizing", "Mixup", equal]);
    assert_eq!(contrasts(&alone)[2], (equal.to_owned(), 0, 3));
    let arms = alone.arms();
    assert_eq!(arms[3].experiment.link(), "v=1&prog=32x8,64x5&seed=1");
    assert_eq!(arms[0].pixels(), arms[3].pixels());
    assert!(arms[1].pixels() < arms[0].pixels());
    assert_eq!(alone.with_equal_compute(), None);

    let all = plan("v=1&epochs=8&sweep=all-but-one:mixup|prog;seed:1");
    assert_eq!(all.definition(), "all-but-one:prog|mixup;seed:1");
    let all = all.with_equal_compute().unwrap();
    assert_eq!(all.definition(), "all-but-one:prog|mixup|equal;seed:1");
    assert_eq!(contrasts(&all)[2], (equal.to_owned(), 1, 3));
    let arms = all.arms();
    assert_eq!(arms[3].experiment.mixup, 0.4);
    assert_eq!(arms[1].pixels(), arms[3].pixels());
    // All five are not written out otherwise.
    let five = plan("v=1&epochs=8&sweep=alone;seed:1").with_equal_compute().unwrap();
    assert_eq!(five.definition(), "alone:norm|prog|tta|mixup|ls|equal;seed:1");

    for (link, definition) in [
        ("v=1&sweep=alone:mixup|equal;seed:1", "alone:mixup;seed:1"),
        ("v=1&size=33&sweep=alone:prog|equal;seed:1", "alone:prog;seed:1"),
        ("v=1&sweep=mixup:0|equal;seed:1", "mixup:0;seed:1"),
    ] {
        let parsed = Plan::parse(link);
        assert_eq!(parsed.plan.unwrap().definition(), definition);
        assert_eq!(parsed.notices.len(), 1, "{:?}", parsed.notices);
    }
}

#[test]
fn a_seed_of_draws_counts_only_where_something_is_drawn() {
    let plan = plan("v=1&sweep=mixup:0|0.4;subset:all|25;dseed:1|2|3;seed:1");
    assert_eq!(
        names(&plan)[..4],
        [
            "mixup=0, subset=all",
            "mixup=0, subset=25, dseed=1",
            "mixup=0, subset=25, dseed=2",
            "mixup=0, subset=25, dseed=3"
        ]
    );
    assert_eq!(plan.runs().len(), 8);
    assert_eq!(links(&plan)[0], "v=1&seed=1");
    let told: Vec<String> = plan.contrasts().into_iter().map(|it| it.name).collect();
    assert_eq!(
        told,
        [
            "mixup 0 → 0.4 (subset=all)",
            "mixup 0 → 0.4 (subset=25, dseed=1)",
            "mixup 0 → 0.4 (subset=25, dseed=2)",
            "mixup 0 → 0.4 (subset=25, dseed=3)"
        ]
    );
    // Each draw against the whole.
    let pairs: Vec<(usize, usize)> =
        plan.interactions().iter().map(|it| (it.first, it.other)).collect();
    assert_eq!(pairs, [(0, 1), (0, 2), (0, 3)]);
    // Noise is drawn, too.
    assert_eq!(self::plan("v=1&noise=25&sweep=dseed:1|2").arms().len(), 2);
    assert_eq!(self::plan("v=1&sweep=dseed:1|2").arms().len(), 1);
}

#[test]
fn an_ablation_is_repeated_under_conditions_of_the_data() {
    let parsed = Plan::parse("v=1&sweep=alone:ls|mixup;subset:all|25;dseed:1|2;seed:1..3");
    assert!(parsed.notices.is_empty(), "{:?}", parsed.notices);
    let made = parsed.plan.unwrap();
    assert_eq!(made.definition(), "alone:mixup|ls;subset:all|25;dseed:1|2;seed:1..3");
    assert_eq!(plan(&made.link()), made);
    assert_eq!(made.arms().len(), 9);
    assert_eq!(
        names(&made)[..4],
        [
            "none (subset=all)",
            "Mixup (subset=all)",
            "Label smoothing (subset=all)",
            "none (subset=25, dseed=1)"
        ]
    );
    assert_eq!(made.runs().len(), 27);
    assert_eq!(
        contrasts(&made)[..3],
        [
            ("Mixup (subset=all)".to_owned(), 0, 1),
            ("Label smoothing (subset=all)".to_owned(), 0, 2),
            ("Mixup (subset=25, dseed=1)".to_owned(), 3, 4)
        ]
    );
    let pairs: Vec<(usize, usize)> =
        made.interactions().iter().map(|it| (it.first, it.other)).collect();
    assert_eq!(pairs, [(0, 2), (1, 3), (0, 4), (1, 5)]);
    assert_eq!(
        made.interactions()[1].name,
        "Label smoothing (subset=25, dseed=1) against subset=all"
    );
    // With `valid` a draw would change what is measured, and a sweep has its limits.
    let valid = Plan::parse("v=1&valid=20&sweep=alone:mixup;dseed:1|2;seed:1");
    assert_eq!(valid.plan.unwrap().definition(), "alone:mixup;seed:1");
    assert_eq!(valid.notices.len(), 1);
    let long = Plan::parse("v=1&subset=50&sweep=alone;dseed:1..100;noise:0|1|5|25|50;seed:1..9");
    assert!(long.plan.unwrap().runs().len() as u64 <= MAX_RUNS);
}

#[test]
fn an_interaction_is_a_contrast_under_other_conditions() {
    let plan = plan("v=1&sweep=ls:0|0.1|0.2;noise:0|25|50;seed:1");
    let contrasts = plan.contrasts();
    let told: Vec<(String, &str, &str)> = plan
        .interactions()
        .iter()
        .map(|it| {
            let name = |index: usize| contrasts[index].name.as_str();
            (it.name.clone(), name(it.first), name(it.other))
        })
        .collect();
    assert_eq!(told.len(), 4);
    assert_eq!(
        told[3],
        (
            "ls 0 → 0.2 (noise=50) against noise=0".to_owned(),
            "ls 0 → 0.2 (noise=0)",
            "ls 0 → 0.2 (noise=50)"
        )
    );
    let two = self::plan("v=1&sweep=ls:0|0.1;noise:0|25;epochs:5|20;seed:1");
    let names: Vec<String> = two.interactions().into_iter().map(|it| it.name).collect();
    assert_eq!(
        names,
        [
            "ls 0 → 0.1 (noise=0, epochs=20) against epochs=5",
            "ls 0 → 0.1 (noise=25, epochs=5) against noise=0",
            "ls 0 → 0.1 (noise=25, epochs=20) against noise=0",
            "ls 0 → 0.1 (noise=25, epochs=20) against epochs=5"
        ]
    );
    assert!(self::plan("v=1&sweep=alone;seed:1").interactions().is_empty());
    assert!(self::plan("v=1&sweep=ls:0|0.1;seed:1").interactions().is_empty());
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
    assert_eq!(Plan::parse("v=1&mixup=1"), ParsedSweep { plan: None, notices: Vec::new() });
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
                "", "all", "model", "off", "tiny", "resnet9", "aug", "prog", "tta", "norm", "equal"
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
            let contrasts = plan.contrasts();
            for contrast in &contrasts {
                prop_assert!(contrast.with < arms.len() && contrast.without < arms.len());
            }
            for it in plan.interactions() {
                prop_assert!(it.first < contrasts.len() && it.other < contrasts.len());
                prop_assert!(it.first != it.other);
            }
        }
    }
}

#[test]
fn a_sweep_that_is_too_long_is_answered_with_a_sentence() {
    let text: String = (0..40_000).map(|index| format!("_{index};")).collect();
    let read = Plan::define(&text, &Experiment::default());
    assert_eq!(read.plan, None);
    let [notice] = read.notices.as_slice() else { panic!("{:?}", read.notices) };
    assert!(notice.to_string().contains("too long"), "{notice}");
    assert_eq!(Plan::parse(&format!("v=1&sweep={text}")).plan, None);
}

#[test]
fn sweeps_from_chats_mean_what_they_meant() {
    let wanted = plan("v=1&size=32&sweep=lr:0.005|0.01;seed:1..3").link();
    for text in [
        "#v=1&amp;size=32&amp;sweep=lr:0.005|0.01;seed:1..3",
        "#v=1&size=32&sweep=lr:0.005|0.01;seed:1..3.",
        "#v=1&size=32&sweep=lr:0,005|0,01;seed:1..3",
        "#v=1&size=32&sweep=lr%253A0.005%257C0.01%253Bseed%253A1..3",
        "#v%3D1%26size%3D32%26sweep%3Dlr%3A0.005%7C0.01%3Bseed%3A1..3",
        "#v=1&size=32&sweep=lr:0.005|0.01;se\u{200b}ed:1..3)",
        "#V=1&Size=32&Sweep=Lr:0.005|0.01;Seed:1..3",
    ] {
        let read = Plan::parse(text);
        assert_eq!(read.plan.map(|plan| plan.link()).as_ref(), Some(&wanted), "{text}");
    }
    assert!(Plan::parse("#v=1&sweep=alone.").plan.is_some());
}

#[test]
fn a_plan_is_cut_until_its_link_can_be_read() {
    let inits: Vec<String> = (0..100).map(|index| format!("{index:064x}")).collect();
    let odd = format!("https://a/{}", "\u{e9}".repeat(900));
    let base =
        Experiment { data: crate::experiment::DataSource::Url(odd), ..Experiment::default() };
    let read = Plan::define(&format!("init:{};seed:1..3", inits.join("|")), &base);
    let notices = read.notices;
    let plan = read.plan.unwrap();
    assert!(plan.link().len() <= link::LONGEST);
    assert!(notices.iter().any(|it| matches!(it.kind, NoticeKind::TooLong { .. })));
    assert_eq!(Plan::parse(&plan.link()).plan, Some(plan));
}

proptest::proptest! {
    #[test]
    fn any_text_gives_a_plan_whose_link_is_stable(text in "[a-z0-9:;|., -]{0,60}|.{0,80}") {
        for text in [text.clone(), format!("alone;{text}"), format!("mixup:0|0.4;{text}")] {
            if let Some(plan) = Plan::define(&text, &Experiment::default()).plan {
                let again = Plan::parse(&plan.link());
                proptest::prop_assert_eq!(again.plan, Some(plan));
            }
        }
    }
}
