//! TTA X-ray: the model that was trained last before one image, view by view, and
//! before all of them against the number of views.

use super::super::ask::{AnswerState, use_answer};
use super::super::chart::Chart;
use super::super::fields::{CheckField, NumberField};
use super::views::{ViewTableProps, view_table};
use crate::inspect::xray;
use crate::protocol::ask::{Answer, Question};
use crate::text;
use crate::tta::passes::TtaPasses;
use crate::ui::parts::{button, button_if, hint, quiet, refusal};
use crate::ui::shared::Shared;
use std::rc::Rc;
use yew::prelude::*;

/// Views that are offered where a run had none.
const OFFERED: u32 = 8;

/// Properties of [`Xray`].
#[derive(Clone, PartialEq, Properties)]
pub struct XrayProps {
    /// Names the run whose weights the worker has; empty before any has ended.
    pub trained: AttrValue,
    /// A run is going on.
    pub busy: bool,
}

/// The instrument.
#[component]
pub fn Xray(props: &XrayProps) -> Html {
    let XrayProps { trained, busy } = props;
    let at_least = use_state(|| 0u32);
    {
        let at_least = at_least.setter();
        use_effect_with(trained.clone(), move |_| at_least.set(0));
    }
    let question = (!trained.is_empty()).then_some(Question::Passes { at_least: *at_least });
    let asking = use_answer(question, trained.clone());
    let passes =
        use_memo(asking.answer.clone().filter(|_| !trained.is_empty()).map(Shared), |answer| {
            match answer.as_ref().map(|it| &it.answer) {
                Some(Answer::Passes(passes)) => Some(Rc::new((**passes).clone())),
                _ => None,
            }
        });
    let set = |count: u32| {
        let at_least = at_least.clone();
        move |_: MouseEvent| at_least.set(count)
    };
    if trained.is_empty() {
        let why = if *busy { text::xray_busy() } else { text::xray_no_model() };
        return hint(why);
    }
    let held = passes.as_ref().as_ref().map_or(0, |passes| passes.passes);
    html! {
        <>
            { hint(text::xray_hint()) }
            { under_way(&asking, *at_least > 0, set(0)) }
            if let Some(passes) = &*passes {
                <p role="status">{ xray::summary(passes) }</p>
                if held < OFFERED && *at_least == 0 {
                    <p>
                        { button(text::xray_compute(OFFERED), set(OFFERED)) }
                    </p>
                }
                if held > 0 {
                    <Chart
                        id="chart-xray" figure={Shared(Rc::new(xray::figure(passes)))}
                        note={text::xray_note()}
                    />
                }
                <OneImage key={passes.link.clone()} passes={Shared(passes.clone())} trained={trained.clone()} />
            }
        </>
    }
}

/// Progress of a longer computation, with a way out; or why there is nothing.
fn under_way(asking: &AnswerState, computing: bool, cancel: impl Fn(MouseEvent) + 'static) -> Html {
    if let Some(error) = &asking.error {
        return refusal(error.to_string());
    }
    if !asking.busy {
        return Html::default();
    }
    let (done, of) = asking.progress.map_or((0, 1), |it| (it.done, it.of.max(1)));
    html! {
        <p class="inside-progress">
            <progress value={done.to_string()} max={of.to_string()} aria-label={text::xray_progress()}></progress>
            if computing {
                { quiet(text::button_cancel(), cancel) }
            }
        </p>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct OneImageProps {
    passes: Shared<TtaPasses>,
    trained: AttrValue,
}

/// The image that is looked at, and which one that is.
#[component]
fn OneImage(props: &OneImageProps) -> Html {
    let OneImageProps { passes, trained } = props;
    let position = use_state(|| 0u32);
    let only = use_state(|| false);
    let changed = use_memo(passes.clone(), |passes| xray::changed(passes));
    let last = (passes.labels.len() as u32).saturating_sub(1);
    // The images to go through: all of them, or those that TTA changed.
    let next = |forward: bool| -> Option<u32> {
        let wanted = |at: &u32| !*only || changed.binary_search(at).is_ok();
        let mut ahead = (*position + 1)..=last;
        let mut behind = (0..(*position).min(last + 1)).rev();
        if forward { ahead.find(wanted) } else { behind.find(wanted) }
    };
    let go = |to: Option<u32>| {
        let position = position.clone();
        move |_: MouseEvent| {
            if let Some(to) = to {
                position.set(to);
            }
        }
    };
    let on_number = {
        let position = position.clone();
        Callback::from(move |text: String| {
            if let Ok(wanted) = text.trim().parse::<u32>() {
                position.set(wanted.min(last));
            }
        })
    };
    let on_only = {
        let (only, position, changed) = (only.clone(), position.clone(), changed.clone());
        Callback::from(move |on| {
            only.set(on);
            let first = changed.iter().find(|at| **at >= *position).or(changed.first());
            if let (true, Some(first)) = (on, first) {
                position.set(*first);
            }
        })
    };
    let question = Question::Views { position: (*position).min(last), passes: passes.passes };
    let asking = use_answer(Some(question), trained.clone());
    let (back, forth) = (next(false), next(true));
    let count = changed.len();
    html! {
        <section class="inside-part" aria-labelledby="xray-image-title">
            <h4 id="xray-image-title">{ text::xray_image() }</h4>
            <div class="inside-tools">
                { button_if(back.is_some(), text::xray_previous(), go(back)) }
                <NumberField
                    id="xray-position" label={text::xray_position(&last.to_string())}
                    value={position.to_string()} min="0" max={last.to_string()} on_change={on_number}
                />
                { button_if(forth.is_some(), text::xray_next(), go(forth)) }
                <CheckField
                    id="xray-changed" label={text::xray_changed(count)}
                    checked={*only} disabled={count == 0} on_change={on_only}
                />
            </div>
            if let Some(error) = &asking.error {
                { refusal(error.cause()) }
            }
            if let Some(answered) = &asking.answer {
                { view_table(&ViewTableProps { answered: Shared(answered.clone()), passes: passes.clone() }) }
            }
        </section>
    }
}
