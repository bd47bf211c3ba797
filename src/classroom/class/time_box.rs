//! What fits into the time of a lesson on this device.

use crate::app::format::rough_duration;
use crate::bridge::{PageRequest, PageSnapshot};
use crate::class::fit::{FittedLink, Unfit, fit};
use crate::class::{ClassImages, planned};
use crate::classroom;
use crate::lessons::PACE;
use crate::text;
use crate::widgets::parts::{button, button_if};
use crate::widgets::shared::Shared;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Minutes that are offered at first, and the most.
const MINUTES: [f64; 2] = [10.0, 240.0];

/// Properties of [`TimeBox`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct TimeBoxProps {
    /// What is known of the page.
    pub(super) page: Shared<PageSnapshot>,
    /// Each device trains one seed.
    pub(super) seats: bool,
}

/// A number of minutes, what fits, and the button that sets it up.
#[component]
pub(super) fn TimeBox(props: &TimeBoxProps) -> Html {
    let TimeBoxProps { page, seats } = props;
    let [first, most] = MINUTES;
    let minutes = use_state(|| first);
    let proposal = use_state(|| None::<Result<FittedLink, String>>);
    let oninput = {
        let (minutes, proposal) = (minutes.setter(), proposal.setter());
        move |event: InputEvent| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let value = input.value_as_number();
            if value.is_finite() {
                minutes.set(value.clamp(1.0, most));
                proposal.set(None);
            }
        }
    };
    let on_fit = {
        let (proposal, page, minutes, seats) = (proposal.setter(), page.clone(), *minutes, *seats);
        move |_: MouseEvent| proposal.set(Some(proposed(&page, seats, 60.0 * minutes)))
    };
    let on_use = {
        let (proposal, setter) = ((*proposal).clone(), proposal.setter());
        move |_: MouseEvent| {
            if let Some(Ok(fitted)) = &proposal {
                classroom::ask(&PageRequest::Open(fitted.link.clone()));
            }
            setter.set(None);
        }
    };
    let shown = minutes.to_string();
    let source = if page.pace.is_some() { text::fit_measured() } else { text::fit_slow() };
    html! {
        <>
            <div class="field">
                <label for="class-minutes">{ text::fit_minutes() }</label>
                <input id="class-minutes" type="number" min="1" max={most.to_string()} value={shown.clone()} {oninput} />
            </div>
            <div class="actions">{ button(text::fit_start(&shown), on_fit) }</div>
            <div role="status">
                { match &*proposal {
                    None => Html::default(),
                    Some(Err(why)) => html! { <p class="hint">{ why }</p> },
                    Some(Ok(FittedLink { epochs, runs, seconds, .. })) => html! {
                        <>
                            <p>
                                { text::fit_found(*runs as u64, u64::from(*epochs), &rough_duration(*seconds)) }
                                { " " }{ source }
                            </p>
                            <p>{ button_if(!page.busy, text::fit_use(), on_use) }</p>
                        </>
                    },
                } }
            </div>
        </>
    }
}

fn proposed(page: &PageSnapshot, seats: bool, seconds: f64) -> Result<FittedLink, String> {
    let data = planned(&page.link).into_iter().next().map(|first| first.data);
    let images = data.and_then(|data| ClassImages::of(&data, page));
    let images = images.ok_or_else(|| text::check_time_no_data().to_owned())?;
    let speed = page.pace.unwrap_or(PACE);
    fit(&page.link, seats, &images, speed, seconds).map_err(|why| match why {
        Unfit::TooLong(seconds) => text::fit_too_long(&rough_duration(seconds)),
        Unfit::Phases => text::fit_phases().to_owned(),
    })
}
