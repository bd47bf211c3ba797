//! Chooses along what curves are drawn.

use super::super::fields::{Choice, SelectField};
use crate::runs::x_axis::XAxis;
use crate::text;
use yew::prelude::*;

/// The control, its `id` unique in the page, and what was chosen.
#[hook]
pub fn use_along(id: &'static str) -> (Html, XAxis) {
    let along = use_state(XAxis::default);
    let choices: Vec<Choice> =
        XAxis::ALL.into_iter().map(|along| Choice::new(along.name(), along.label())).collect();
    let on_change = {
        let along = along.clone();
        move |value: String| {
            along.set(XAxis::ALL.into_iter().find(|it| it.name() == value).unwrap_or_default());
        }
    };
    let control = html! {
        <div class="along">
            <SelectField
                {id} label={text::results_along()} {choices} value={along.name()}
                hint={along.note().unwrap_or_default()} {on_change}
            />
        </div>
    };
    (control, *along)
}
