//! Each part of the check, with each thing that may be missing.

use super::*;
use crate::bridge::ImageCounts;
use crate::experiment::link;

/// A laptop and a page with nothing in the way.
fn ready(link: &str) -> (PageSnapshot, Laptop) {
    let engine = EngineStanding::Webgpu { adapter: "a card".to_owned(), software: false };
    let data = ImageCounts {
        data: "sample".to_owned(),
        train: vec![100; 10],
        valid: vec![50; 10],
        memory: 18e6,
    };
    let page = PageSnapshot {
        link: link.to_owned(),
        engine,
        data: Some(data),
        store: Some(true),
        space: Some((1e6, Some(1e9))),
        ..PageSnapshot::default()
    };
    (page, Laptop { secure: true, memory: Some(8.0), files: Some(Ok(())) })
}

fn timed() -> LaptopPace {
    LaptopPace::Timed(TimedSteps { steps: 10, seconds: 1.0 })
}

fn words(page: &PageSnapshot, laptop: &Laptop) -> Vec<CheckWord> {
    check(page, laptop, &timed()).iter().map(|line| line.word).collect()
}

#[test]
fn a_laptop_with_everything_is_ready_and_needs_no_fallback() {
    let (page, laptop) = ready("v=1");
    let lines = check(&page, &laptop, &timed());
    assert!(lines.iter().all(|line| line.word == CheckWord::Ready), "{lines:#?}");
    assert!(lines.iter().all(|line| line.fallback.is_empty()));
    let names: Vec<&str> = lines.iter().map(|line| line.name).collect();
    assert_eq!(names, ["https", "engine", "memory", "storage", "time"]);
    let report = report(&lines);
    assert!(report.contains("engine: ready") && report.contains("a card"), "{report}");
    assert!(!report.contains('\n'), "{report}");
}

#[test]
fn each_missing_thing_is_named_by_itself_and_has_a_fallback() {
    type Spoil = fn(&mut PageSnapshot, &mut Laptop);
    let missing = CheckWord::Missing;
    let cases: [(usize, CheckWord, Spoil); 8] = [
        (0, missing, |_, laptop| laptop.secure = false),
        (1, missing, |page, _| page.engine = EngineStanding::NoWebgpu("none".into())),
        (1, missing, |page, _| page.engine = EngineStanding::Broken("gone".into())),
        (2, missing, |_, laptop| laptop.memory = Some(0.125)),
        (2, CheckWord::Unknown, |_, laptop| laptop.memory = None),
        (3, missing, |page, _| page.store = Some(false)),
        (3, CheckWord::Limited, |page, _| page.space = Some((0.0, Some(1e6)))),
        (3, CheckWord::Limited, |_, laptop| laptop.files = Some(Err("denied".into()))),
    ];
    for (place, word, spoil) in cases {
        let (mut page, mut laptop) = ready("v=1");
        spoil(&mut page, &mut laptop);
        let mut expected = vec![CheckWord::Ready; 5];
        expected[place] = word;
        assert_eq!(words(&page, &laptop), expected);
        let line = check(&page, &laptop, &timed()).swap_remove(place);
        assert!(!line.fallback.is_empty(), "{line:?}");
    }
}

#[test]
fn webgpu_is_not_missed_where_the_link_asks_for_the_cpu() {
    let (mut page, laptop) = ready("v=1&engine=cpu");
    page.engine = EngineStanding::NoWebgpu("none".into());
    assert_eq!(words(&page, &laptop)[1], CheckWord::Ready);
    page.engine = EngineStanding::Webgpu { adapter: "soft".into(), software: true };
    assert_eq!(words(&page, &laptop)[1], CheckWord::Ready);
    page.link = "v=1".to_owned();
    assert_eq!(words(&page, &laptop)[1], CheckWord::Limited);
}

#[test]
fn too_little_memory_names_a_batch_size_that_fits() {
    let (page, laptop) = ready("v=1&model=xresnet18&size=160&bs=512");
    let line = check(&page, &laptop, &timed()).swap_remove(2);
    assert_eq!(line.word, CheckWord::Missing);
    let batch: u32 = line.fallback.split(' ').find_map(|word| word.parse().ok()).unwrap();
    assert!((1..512).contains(&batch), "{line:?}");
    let smaller = format!("v=1&model=xresnet18&size=160&bs={batch}");
    let page = PageSnapshot { link: smaller, ..page };
    assert_eq!(words(&page, &laptop)[2], CheckWord::Ready);
}

#[test]
fn time_is_that_of_all_runs_at_the_measured_pace() {
    let (page, laptop) = ready("v=1&epochs=5");
    let time = |page: &PageSnapshot, pace: &LaptopPace| check(page, &laptop, pace).swap_remove(4);
    let images = ClassImages::of(&link::parse("v=1").experiment.data, &page).unwrap();
    let timing = TimedSteps { steps: 10, seconds: 1.0 };
    let found = speed(&timing, &link::parse("v=1&epochs=5").experiment, &images);
    // An epoch of 1,000 images has 15 batches of 64, each of a tenth of a second, and validates.
    let seconds = images.work(&planned("v=1&epochs=5")) / found;
    assert!((5.0 * 1.5..5.0 * 2.5).contains(&seconds), "{seconds}");
    assert_eq!(time(&page, &timed()).word, CheckWord::Ready);
    let many = PageSnapshot { link: "v=1&epochs=200&sweep=alone;seed:1..9".into(), ..page.clone() };
    assert_eq!(time(&many, &timed()).word, CheckWord::Missing);
    // Without a timing the last run's pace; without that nothing is claimed.
    let untimed = LaptopPace::Untimed("it trains".into());
    assert_eq!(time(&page, &untimed).word, CheckWord::Unknown);
    let before = PageSnapshot { pace: Some(found), ..page.clone() };
    assert_eq!(time(&before, &untimed).word, CheckWord::Ready);
    let unloaded = PageSnapshot { link: "v=1&data=imagenette".into(), ..page };
    assert_eq!(time(&unloaded, &timed()).word, CheckWord::Unknown);
}

#[test]
fn the_first_step_is_not_timed_and_few_are_enough() {
    let mut clock = StepClock::new(100.0);
    assert_eq!(clock.timed(), None);
    clock.hear(0, 101.0);
    clock.hear(1, 105.0);
    assert!(!clock.is_enough(105.0));
    for step in 2..=6 {
        clock.hear(step, 105.0 + 0.25 * f64::from(step - 1));
    }
    assert_eq!(clock.timed(), Some(TimedSteps { steps: 5, seconds: 1.25 }));
    assert!(clock.is_enough(106.3));
    let mut slow = StepClock::new(0.0);
    slow.hear(1, 6.0);
    assert!(!slow.is_enough(6.0) && slow.is_enough(12.0));
    assert_eq!(slow.timed(), Some(TimedSteps { steps: 1, seconds: 6.0 }));
}
