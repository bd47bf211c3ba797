//! Saved models that links start from.

use super::*;

/// A model of two classes whose file the page has.
pub(super) fn card(hash: &str) -> ModelCard {
    let about = About {
        link: "v=1&model=conv5".into(),
        model: "conv5".into(),
        classes: vec!["tench".into(), "church".into()],
        normalization: None,
        size: 32,
        accuracy: 0.5,
        epochs: 3,
        dataset: "photographs".into(),
        build: "dev".into(),
    };
    ModelCard { hash: hash.into(), bytes: 1e5, about }
}

#[test]
fn a_saved_model_that_is_not_here_blocks_until_it_is_given_up() {
    let hash = "c0".repeat(32);
    let mut page = Page::ready(&format!("#v=1&init={hash}&run=1"));
    // The store may have it.
    assert_eq!(page.state.readiness(), Readiness::Loading);
    page.act(Action::ModelsRead(vec![card(&"d1".repeat(32))]));
    assert_eq!(page.state.readiness(), Readiness::ModelMissing);
    assert_eq!(page.trained(), None);
    page.act(Action::WithoutSavedModel);
    assert_eq!(page.link(), Some("v=1&run=1"));
}

#[test]
fn a_link_that_starts_from_a_model_runs_as_soon_as_its_file_is_here() {
    let hash = "c0".repeat(32);
    let from_model = |page: &Page| page.reads().is_some_and(|it| it.2.as_ref() == Some(&hash));
    let mut given = Page::ready(&format!("#v=1&init={hash}&run=1"));
    given.act(Action::ModelsRead(vec![]));
    assert!(!from_model(&given));
    given.act(Action::ModelOpened(card(&hash)));
    assert!(from_model(&given));
    let mut stored = Page::ready(&format!("#v=1&init={hash}&run=1"));
    stored.act(Action::ModelsRead(vec![card(&hash)]));
    assert!(from_model(&stored));
}

#[test]
fn starting_from_a_model_takes_its_network_and_its_statistics() {
    let hash = "c0".repeat(32);
    let mut page = Page::ready("#v=1&norm=off&size=48");
    page.act(Action::StartFrom(hash.clone()));
    assert_eq!(page.link(), None, "its file is not here");
    page.act(Action::ModelOpened(card(&hash)));
    page.act(Action::StartFrom(hash.clone()));
    let link = format!("v=1&model=conv5&init={hash}&size=48&norm=model");
    assert_eq!(page.link(), Some(link.as_str()));
    assert_eq!(page.state.readiness(), Readiness::Ready);
    page.act(Action::ModelForgotten(hash));
    assert!(page.state.models.cards.is_empty());
}

#[test]
fn models_of_the_store_come_before_those_of_this_visit() {
    let mut page = Page::ready("");
    page.act(Action::ModelOpened(card("b")));
    page.act(Action::ModelsRead(vec![card("a"), card("b")]));
    page.act(Action::ModelOpened(card("a")));
    let cards: Vec<_> = page.state.models.cards.iter().map(|card| card.hash.as_str()).collect();
    assert_eq!(cards, ["b", "a"]);
    assert_eq!(page.state.models.latest.as_deref(), Some("a"));
}
