//! The next batch: its images exactly as fed, the sources of each mixture, its
//! targets; and one image under the draws of many epochs.

use super::super::ask::{AnswerState, ReceivedAnswer, use_answer};
use super::super::picture::Picture;
use super::waiting::{WaitingProps, waiting_for};
use super::which::{Which, use_which};
use crate::inspect::strip::{BatchView, DrawsView, StripImage};
use crate::protocol::ask::{Answer, Question};
use crate::text;
use crate::ui::parts::{csv_button, hint, plain, tag};
use crate::ui::shared::SharedState;
use crate::widgets::save;
use std::rc::Rc;
use yew::prelude::*;

/// Images that are shown of a batch.
const SHOWN: u32 = 16;
/// Epochs whose draws of one image are shown.
const DRAWS: u32 = 12;

/// Properties of [`Batch`].
#[derive(Clone, PartialEq, Properties)]
pub struct BatchProps {
    /// The page's state.
    pub state: SharedState,
}

/// The instrument.
#[component]
pub fn Batch(props: &BatchProps) -> Html {
    let state = &props.state;
    let (controls, which) = use_which(state, "batch");
    let question = which.clone().map(|Which { experiment, init, epoch, batch }| Question::Batch {
        experiment,
        init,
        epoch,
        batch,
        images: SHOWN,
    });
    let hash: AttrValue = state.dataset().map(|it| it.hash.clone()).unwrap_or_default().into();
    let asking = use_answer(question, hash.clone());
    let chosen = use_state(|| None::<u32>);
    let on_choose = {
        let chosen = chosen.clone();
        Callback::from(move |image| chosen.set(Some(image)))
    };
    let strip = asking.answer.clone().and_then(|answered| match &answered.answer {
        Answer::Batch(view) => Some((Rc::new((**view).clone()), answered)),
        _ => None,
    });
    let image = strip.as_ref().and_then(|(view, _)| {
        let first = view.shown.first()?.image;
        let there = |image: &u32| view.shown.iter().any(|shown| shown.image == *image);
        Some(chosen.filter(there).unwrap_or(first))
    });
    html! {
        <>
            { controls }
            { waiting_for(&WaitingProps { asking: asking.clone(), there: which.is_some() }) }
            if let Some((view, answered)) = strip {
                { strip_of(&StripProps { view: view.clone(), answered, chosen: image, on_choose }) }
                if let (Some(which), Some(image)) = (which, image) {
                    <Draws {which} {image} classes={view.classes.clone()} {hash} />
                }
            }
        </>
    }
}

struct StripProps {
    view: Rc<BatchView>,
    answered: Rc<ReceivedAnswer>,
    chosen: Option<u32>,
    on_choose: Callback<u32>,
}

/// The images of the batch.
fn strip_of(props: &StripProps) -> Html {
    let StripProps { view, answered, chosen, on_choose } = props;
    let on_csv = {
        let view = view.clone();
        move |_: MouseEvent| save::text("batch.csv", "text/csv", &view.table().csv())
    };
    let shown = view.shown.len();
    html! {
        <div class="strip">
            { plain(summary(view)) }
            { for view.notices.iter().map(|notice| hint(text::batch_note(notice))) }
            <ul class="strip-images" aria-label={text::batch_images()}>
                { for view.shown.iter().enumerate().map(|(at, image)| {
                    let picture = |group: usize| {
                        answered.buffers.get(group * shown + at).cloned().unwrap_or_default()
                    };
                    html! {
                        <li key={at} class="strip-image">
                            { fed(view, at, image, &picture) }
                            <button
                                type="button" class="quiet"
                                aria-pressed={(*chosen == Some(image.image)).to_string()}
                                aria-label={text::batch_draws_of(&(at + 1).to_string(), &view.class(image.label))}
                                onclick={let on = on_choose.clone(); let image = image.image; move |_| on.emit(image)}
                            >
                                { text::batch_draws() }
                            </button>
                        </li>
                    }
                }) }
            </ul>
            { csv_button(text::batch_csv(), on_csv) }
        </div>
    }
}

fn summary(view: &BatchView) -> String {
    let summary = text::batch_summary(
        &(view.batch + 1).to_string(),
        &view.batches.to_string(),
        &(view.epoch + 1).to_string(),
        &view.epochs.to_string(),
        view.images,
        &view.size.to_string(),
        &view.shown.len().to_string(),
    );
    let details =
        text::batch_details(&format!("{:.2e}", view.lr), &format!("{:.3}", view.momentum));
    format!("{summary} {details}")
}

/// One image: as fed, its sources, its target.
fn fed(
    view: &BatchView,
    at: usize,
    shown: &StripImage,
    picture: &dyn Fn(usize) -> Rc<Vec<u8>>,
) -> Html {
    let size = view.size;
    let label = view.class(shown.label);
    let wrong = shown.class != shown.label;
    let target = view.target_text(shown);
    let number = (at + 1).to_string();
    let words = match shown.mixed {
        Some(mixed) => text::batch_image_mixed(
            &number,
            &label,
            &format!("{:.2}", mixed.lambda),
            &view.class(mixed.label),
            &format!("{:.2}", 1.0 - mixed.lambda),
        ),
        None => text::batch_image(&number, &label),
    };
    html! {
        <>
            <Picture {size} pixels={picture(0)} label={words} />
            <p class="strip-label">
                { &label }
                if wrong {
                    { " " }{ tag(text::batch_wrong_label(&view.class(shown.class))) }
                }
            </p>
            if let Some(mixed) = shown.mixed {
                <p class="strip-sources numbers">
                    <Picture {size} pixels={picture(1)} label={text::batch_first_source(&label)} />
                    <span>{ text::batch_lambda(&format!("{:.2}", f64::from(mixed.lambda))) }</span>
                    <Picture {size} pixels={picture(2)} label={text::batch_second_source(&view.class(mixed.label))} />
                    <span>{ format!("{:.2}", 1.0 - f64::from(mixed.lambda)) }</span>
                </p>
            }
            <div class="strip-target" role="img" aria-label={text::batch_target(&target)}>
                { for shown.target.iter().map(|value| html! {
                    <span ~style={format!("block-size:{:.2}%", 100.0 * value.max(0.02))} />
                }) }
            </div>
            <p class="hint strip-target-text" aria-hidden="true">{ target }</p>
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct DrawsProps {
    which: Which,
    image: u32,
    classes: Vec<String>,
    hash: AttrValue,
}

/// One image under many draws.
#[component]
fn Draws(props: &DrawsProps) -> Html {
    let DrawsProps { which, image, classes, hash } = props;
    let question = Question::Draws {
        experiment: which.experiment.clone(),
        init: which.init.clone(),
        image: *image,
        epoch: which.epoch,
        draws: DRAWS,
    };
    let asking = use_answer(Some(question), hash.clone());
    html! {
        <div class="draws">
            <h4>{ text::batch_same_image() }</h4>
            { hint(text::batch_same_image_hint()) }
            { draws(&asking, classes) }
        </div>
    }
}

fn draws(asking: &AnswerState, classes: &[String]) -> Html {
    let Some((view, buffers)) = asking.answer.as_deref().and_then(|it| match &it.answer {
        Answer::Draws(view) => Some((view, &it.buffers)),
        _ => None,
    }) else {
        return html! { { waiting_for(&WaitingProps { asking: asking.clone(), there: true }) } };
    };
    let DrawsView { size, epoch, draws, class, .. } = view;
    let name = classes.get(usize::from(*class)).cloned().unwrap_or_default();
    let words = |draw: &String, epoch: u32| text::batch_draw(&(epoch + 1).to_string(), draw);
    let captions = std::iter::once(text::batch_stored().to_owned())
        .chain(draws.iter().zip(*epoch..).map(|(draw, epoch)| words(draw, epoch)));
    html! {
        <ul class="draws-images" aria-label={text::batch_draws_label(&name)}>
            { for captions.zip(buffers).map(|(caption, pixels)| html! {
                <li key={caption.clone()}>
                    <Picture size={*size} pixels={pixels.clone()} label={text::batch_draw_label(&name, &caption)} />
                    <span class="hint" aria-hidden="true">{ caption }</span>
                </li>
            }) }
        </ul>
    }
}
