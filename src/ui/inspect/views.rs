//! The views of one image: each with its prediction, and what all views up to it
//! say together.

use super::super::ask::ReceivedAnswer;
use super::super::picture::Picture;
use crate::format::percent;
use crate::inspect::xray::{self, ViewGuess};
use crate::protocol::ask::Answer;
use crate::text;
use crate::tta::passes::TtaPasses;
use crate::ui::parts::{hint, unseen};
use crate::ui::shared::Shared;
use yew::prelude::*;

/// What [`view_table`] shows.
pub struct ViewTableProps {
    /// The views and their pictures.
    pub answered: Shared<ReceivedAnswer>,
    /// The run's passes, for the names of its classes and what it combines.
    pub passes: Shared<TtaPasses>,
}

/// The views.
pub fn view_table(props: &ViewTableProps) -> Html {
    let ViewTableProps { answered, passes } = props;
    let Answer::Views(views) = &answered.answer else { return Html::default() };
    let experiment = xray::experiment(passes);
    let steps = xray::steps(views, experiment.beta);
    let name = |class: usize| passes.classes.get(class).map_or("?", String::as_str);
    let truth = name(usize::from(views.label));
    let guess = |guess: &ViewGuess| {
        let mark = if guess.right { "✓" } else { "✗" };
        let word = if guess.right { text::views_guess_right() } else { text::views_guess_wrong() };
        html! {
            <span class={if guess.right { "guess is-right" } else { "guess is-wrong" }}>
                <span aria-hidden="true">{ mark }</span>{ " " }{ name(guess.class) }{ " " }
                <span class="numbers">{ percent(guess.score) }</span>
                { unseen(word) }
            </span>
        }
    };
    let (first, last) = (steps.first(), steps.last());
    let together = last.map(|step| if experiment.ttamax { &step.maximum } else { &step.average });
    let says = first.zip(together).map(|(first, together)| {
        let verdict = xray::verdict(first.alone.right, together.right);
        let verdict = if passes.passes == 0 { text::views_one() } else { verdict };
        text::views_truth(truth, verdict)
    });
    html! {
        <div class="views-view">
            if let Some(says) = says {
                <p class="views-verdict" role="status">{ says }</p>
            }
            <div class="table-scroll" role="region" aria-label={text::views_label()} tabindex="0">
                <table class="data-table views" aria-label={text::views_caption(&views.position.to_string(), truth)}>
                    <thead>
                        <tr>
                            <th scope="col">{ text::views_view() }</th>
                            <th scope="col">{ text::views_alone() }</th>
                            <th scope="col">{ text::views_truth_alone(truth) }</th>
                            <th scope="col">{ text::views_average() }</th>
                            <th scope="col">{ text::views_maximum() }</th>
                        </tr>
                    </thead>
                    <tbody>
                        { for steps.iter().enumerate().map(|(place, step)| {
                            let what = match place {
                                0 => text::views_plain().to_owned(),
                                _ => text::views_augmented(&place.to_string()),
                            };
                            html! {
                                <tr>
                                    <th scope="row">
                                        if let Some(pixels) = answered.buffers.get(place) {
                                            <Picture size={views.size} pixels={pixels.clone()} label={text::views_picture(&what)} />
                                        }
                                        { what }
                                    </th>
                                    <td>{ guess(&step.alone) }</td>
                                    <td class="numbers">{ percent(step.alone.of_truth) }</td>
                                    <td>{ guess(&step.average) }</td>
                                    <td>{ guess(&step.maximum) }</td>
                                </tr>
                            }
                        }) }
                    </tbody>
                </table>
            </div>
            { hint(text::views_hint()) }
        </div>
    }
}
