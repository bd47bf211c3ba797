//! A site that offers a first part of its archive.

use super::*;
use crate::app::{Served, Whole, WholeNews};

const PART: &str = "https://school.example/play/data/imagenette2-160-first.tgz";

fn served() -> Served {
    Served {
        name: "imagenette2-160.tgz".into(),
        url: "https://school.example/play/data/imagenette2-160.tgz".into(),
        bytes: 98_752_094,
        images: None,
        part: Some(Box::new(Served {
            name: "imagenette2-160-first.tgz".into(),
            url: PART.into(),
            bytes: 3_945_100,
            images: Some(500),
            part: None,
        })),
    }
}

fn part() -> Source {
    Source::Url(PART.into())
}

/// The images of the part, another data set than the whole.
fn of_part() -> DatasetSummary {
    DatasetSummary { hash: "of the part".into(), ..summary(false, 64) }
}

/// On a site with a part, with the sample in place.
fn offered(fragment: &str) -> Page {
    let mut page = Page::opened(fragment);
    page.hear(ready());
    page.act(Action::ServedFound(served()));
    page
}

/// A click on the part, which trains on it.
fn training_on_the_part() -> (Page, RunId) {
    let mut page = offered("#v=1&data=imagenette");
    page.act(Action::Load(part()));
    page.act(Action::Play);
    assert_eq!(page.trained(), None, "its images are on their way");
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: of_part() });
    let run = page.trained().expect("it trains as soon as the part is there");
    page.hear(Event::RunStarted { run, plan: plan(0) });
    (page, run)
}

#[test]
fn a_run_on_the_part_names_the_part_and_not_the_whole() {
    let (page, _) = training_on_the_part();
    let experiment = &page.state.run.as_ref().unwrap().experiment;
    assert_eq!(experiment.data, DataSource::Url(PART.into()));
    assert!(page.state.link().contains("data=https://school.example"), "{}", page.state.link());
}

#[test]
fn a_link_to_the_part_is_ready_to_train_and_loads_the_part() {
    let mut page = offered(&format!("#v=1&data={PART}"));
    assert_eq!(page.state.readiness(), Readiness::Ready);
    assert!(page.state.data.loading.is_none(), "nothing is loaded without a click");
    page.act(Action::Play);
    assert_eq!(page.state.data.loading.as_ref().unwrap().source, part());
    let load = page.loading();
    page.hear(Event::LoadFailed { load, error: report("Offline") });
    assert!(page.state.data.loading.is_none(), "nor tried again by itself");
}

#[test]
fn run_1_on_the_part_waits_until_the_site_has_told_of_it() {
    let mut page = Page::opened(&format!("#v=1&run=1&data={PART}"));
    page.hear(ready());
    assert_eq!(page.state.readiness(), Readiness::DataMissing);
    page.act(Action::ServedFound(served()));
    assert_eq!(page.state.data.loading.as_ref().unwrap().source, part());
}

#[test]
fn a_part_of_another_site_takes_a_click() {
    let mut page = offered("#v=1&data=https://other.example/imagenette2-160-first.tgz");
    page.act(Action::Play);
    assert!(page.state.data.loading.is_none());
}

#[test]
fn the_whole_arrives_beside_a_run_and_is_trained_on_after_it() {
    let (mut page, run) = training_on_the_part();
    page.act(Action::Whole(WholeNews::Wanted));
    assert_eq!(page.effects, vec![Effect::FetchWhole(Some(served().url))]);
    page.act(Action::Whole(WholeNews::Arriving(1e6)));
    assert_eq!(page.state.data.whole, Some(Whole::Arriving(1e6)));
    let files = Attachments::new("blob");
    page.act(Action::Whole(WholeNews::Here(files.clone())));
    let Some(Whole::Here(whole)) = page.state.data.whole.clone() else { panic!("it is here") };

    // The run keeps its images, whoever asks for others.
    page.act(Action::Load(whole.clone()));
    assert_eq!(page.state.data.loaded.as_ref().unwrap().source, part());
    assert!(page.state.data.error.is_some());
    page.fail(run, "Over");

    page.act(Action::Load(whole.clone()));
    page.act(Action::Play);
    let load = page.loading();
    page.hear(Event::Loaded { load, dataset: summary(false, 64) });
    assert!(page.trained().is_some());
    assert_eq!(page.state.experiment.data, DataSource::Imagenette);
    assert_eq!(page.state.data.loaded.as_ref().unwrap().source, whole);
}

#[test]
fn what_comes_of_the_whole_after_it_was_cancelled_is_passed_over() {
    let (mut page, _) = training_on_the_part();
    page.act(Action::Whole(WholeNews::Wanted));
    page.act(Action::Whole(WholeNews::Unwanted));
    assert_eq!(page.effects, vec![Effect::FetchWhole(None)]);
    page.act(Action::Whole(WholeNews::Here(Attachments::new("blob"))));
    page.act(Action::Whole(WholeNews::Arriving(2e6)));
    assert_eq!(page.state.data.whole, None);
}

fn warmed(page: &Page) -> bool {
    page.posted().iter().any(|command| matches!(command, Command::WarmUp { .. }))
}

#[test]
fn shaders_are_compiled_while_images_arrive_for_webgpu_alone() {
    for (engine, warm) in [("webgpu", true), ("auto", false), ("cpu", false)] {
        let mut page = offered(&format!("#v=1&engine={engine}&data=imagenette"));
        page.act(Action::Load(part()));
        assert_eq!(warmed(&page), warm, "{engine}");
    }
    let mut page = Page::opened("#v=1&engine=webgpu&data=imagenette");
    page.act(Action::Load(part()));
    assert!(!warmed(&page), "the worker is not up yet");
    page.hear(ready());
    assert!(warmed(&page));

    let mut page = Page::opened("#v=1&engine=webgpu");
    page.hear(ready());
    assert!(!page.effects.is_empty() && !warmed(&page), "the sample is drawn in no time");
}
