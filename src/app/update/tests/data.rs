//! Data sets as they come, fail to come and come back.

use super::*;
use crate::app::LoadCause;

#[test]
fn the_sample_is_drawn_as_soon_as_the_worker_is_up() {
    let mut page = Page::opened("");
    assert_eq!(page.state.readiness(), Readiness::EngineStarting);
    page.hear(ready());
    assert!(page.effects.iter().any(|effect| {
        matches!(effect, Effect::Load { source: Source::Sample, short_side: 64, .. })
    }));
    page.load_sample();
    assert_eq!(page.state.readiness(), Readiness::Ready);
}

#[test]
fn run_1_without_its_data_waits_and_substitutes_nothing() {
    let mut page = Page::opened("#v=1&data=imagenette&run=1");
    page.hear(ready());
    assert_eq!(page.state.readiness(), Readiness::DataMissing);
    assert_eq!(page.effects, vec![], "nothing is loaded without a click");
    page.act(Action::Load(archive()));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    assert!(page.trained().is_some());
}

fn kept(short_side: u32) -> CachedDataset {
    CachedDataset::of(DataSource::Imagenette.text(), &summary(false, short_side))
}

/// The worker is up and has kept images of `short_side` pixels.
fn ready_with(short_side: u32) -> Event {
    let Event::Ready { build, engines, .. } = ready() else { unreachable!() };
    Event::Ready { build, engines, cached: Some(kept(short_side)) }
}

#[test]
fn images_kept_from_the_last_visit_come_by_themselves() {
    let mut page = Page::opened("#v=1&data=imagenette&run=1");
    page.hear(ready_with(64));
    assert_eq!(page.state.data.loading.as_ref().unwrap().source, Source::Cached(kept(64)));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    assert!(page.trained().is_some());
}

#[test]
fn kept_images_of_another_side_or_of_other_data_are_left_alone() {
    for link in [
        "#v=1&data=imagenette&size=128",
        "#v=1&data=imagenette&size=32",
        "#v=1&data=https://me.example/x.tgz",
    ] {
        let mut page = Page::opened(link);
        page.hear(ready_with(64));
        assert!(page.state.data.loading.is_none(), "{link}");
    }
}

#[test]
fn kept_images_that_cannot_be_read_are_not_tried_again_by_themselves() {
    let mut page = Page::opened("#v=1&data=imagenette");
    page.hear(ready_with(64));
    let load = page.loading();
    page.hear(Event::LoadFailed { load, error: report("Damaged") });
    assert!(page.state.data.loading.is_none());
    assert_eq!(page.state.readiness(), Readiness::DataMissing);
}

#[test]
fn the_sample_in_place_of_missing_data_is_a_choice_that_the_link_shows() {
    let mut page = Page::opened("#v=1&data=imagenette");
    page.hear(ready());
    page.act(Action::RunOnSample);
    assert_eq!(page.link(), Some("v=1"));
    page.load_sample();
    assert!(page.trained().is_some());
    assert!(page.state.run.as_ref().unwrap().live.synthetic);
}

#[test]
fn a_given_archive_becomes_the_experiments_data() {
    let mut page = Page::ready("");
    page.act(Action::Load(archive()));
    let load = page.loading();
    page.hear(Event::Loading { load, progress: LoadProgress { images: 7, ..Default::default() } });
    assert_eq!(page.state.data.loading.as_ref().unwrap().progress.images, 7);
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    assert_eq!(page.state.experiment.data, DataSource::Imagenette);
    assert_eq!(page.link(), Some("v=1&data=imagenette"));
}

#[test]
fn images_that_the_worker_reads_again_are_told_until_they_are_there_or_the_worker_is_gone() {
    let mut page = Page::ready("");
    page.act(Action::Load(archive()));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    let again = Event::Loading {
        load: LoadId::AGAIN,
        progress: LoadProgress { images: 7, ..Default::default() },
    };
    page.hear(again.clone());
    assert_eq!(page.state.data.again.as_ref().map(|it| it.images), Some(7));
    assert!(page.state.data.loading.is_none(), "nobody waits for it");
    page.hear(Event::ReadAgain);
    assert!(page.state.data.again.is_none());
    page.hear(again);
    page.hear(Event::Crashed { error: report("The engine crashed") });
    assert!(page.state.data.again.is_none());
}

#[test]
fn a_load_that_fails_leaves_the_data_set_in_place() {
    let mut page = Page::ready("");
    page.act(Action::Load(archive()));
    let load = page.loading();
    page.hear(Event::LoadFailed { load, error: report("The archive was not loaded") });
    assert!(page.state.data.error.is_some());
    assert_eq!(page.state.dataset().unwrap().hash, "5a");
    assert_eq!(page.state.experiment.data, DataSource::Sample);
    assert_eq!(page.state.readiness(), Readiness::Ready);
}

#[test]
fn a_bad_file_while_the_sample_is_drawn_costs_the_sample_nothing() {
    let mut page = Page::opened("");
    page.hear(ready());
    page.act(Action::Load(archive()));
    let load = page.loading();
    page.hear(Event::LoadFailed { load, error: report("The archive was not loaded") });
    assert_eq!(page.state.data.loading.as_ref().unwrap().source, Source::Sample);
    assert!(page.state.data.error.is_some(), "the person can still read what was wrong");
}

#[test]
fn a_sample_that_fails_is_not_tried_again_by_itself() {
    let mut page = Page::opened("");
    page.hear(ready());
    let load = page.loading();
    page.hear(Event::LoadFailed { load, error: report("Out of memory") });
    assert!(page.state.data.loading.is_none());
    page.act(Action::Load(Source::Sample));
    assert!(page.state.data.loading.is_some());
}

#[test]
fn another_link_during_a_load_keeps_its_own_data() {
    let mut page = Page::opened("");
    page.hear(ready());
    page.act(Action::LinkOpened("#v=1&data=imagenette".into()));
    page.load_sample();
    assert_eq!(page.state.experiment.data, DataSource::Imagenette);
    assert_eq!(page.state.readiness(), Readiness::DataMissing);
}

#[test]
fn larger_images_are_read_again_once_and_the_reason_is_told() {
    let mut page = Page::opened("#v=1&data=imagenette");
    page.hear(ready());
    let files = Attachments::new("archive");
    page.act(Action::Load(given(files.clone())));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    page.act(Action::Set { key: "size", value: "128".into() });
    page.act(Action::Play);
    assert_eq!(page.trained(), None);
    let loading = page.state.data.loading.as_ref().unwrap();
    assert_eq!((loading.short_side, &loading.source), (128, &given(files)));
    assert!(matches!(&loading.cause, LoadCause::Resized(why) if why.contains("128")));
    let load = page.loading();
    // Even if they come back too small, the run starts instead of reading for ever.
    page.hear(Event::Loaded { load, dataset: summary(false, 100) });
    assert!(page.trained().is_some());
}

#[test]
fn smaller_images_are_read_again_too_unless_they_are_there_or_the_originals_are() {
    for (sides, again) in [(vec![128], true), (vec![128, 32], false)] {
        let mut page = Page::opened("#v=1&data=imagenette&size=128");
        page.hear(ready());
        page.act(Action::Load(archive()));
        let load = page.loading();
        let dataset = DatasetSummary { sides, ..summary(false, 128) };
        page.hear(Event::Loaded { load, dataset });
        page.act(Action::Set { key: "size", value: "32".into() });
        page.act(Action::Play);
        let side = page.state.data.loading.as_ref().map(|loading| loading.short_side);
        assert_eq!((side, page.trained().is_some()), (again.then_some(32), !again));
    }
}

#[test]
fn images_are_not_read_again_for_more_pixels_than_they_have() {
    let mut page = Page::opened("#v=1&data=imagenette&size=160&crop=aug");
    page.hear(ready());
    page.act(Action::Load(archive()));
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 160) });
    page.act(Action::Play);
    assert!(page.trained().is_some());
}

#[test]
fn data_do_not_change_under_a_run() {
    let mut page = Page::ready("");
    page.play();
    page.act(Action::Load(archive()));
    assert!(page.state.data.loading.is_none());
    assert!(page.state.data.error.is_some());
}
