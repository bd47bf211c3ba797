//! What stands where an answer is not there: that it is under way, why there is
//! none, what is missing for it.

use super::super::ask::AnswerState;
use crate::text;
use yew::prelude::*;

/// What [`waiting_for`] shows.
pub struct WaitingProps {
    /// The question's state.
    pub asking: AnswerState,
    /// True if the question could be asked.
    pub there: bool,
}

/// A line about an answer that is not there.
pub fn waiting_for(props: &WaitingProps) -> Html {
    let WaitingProps { asking, there } = props;
    let text = match (&asking.error, there) {
        (Some(error), _) => error.to_string(),
        (None, false) => text::inside_needs_data().to_owned(),
        (None, true) if asking.busy && asking.answer.is_none() => text::inside_working().to_owned(),
        (None, true) => return Html::default(),
    };
    let class = classes!("hint", asking.error.is_some().then_some("is-bad"));
    html! { <p {class} role="status">{ text }</p> }
}
