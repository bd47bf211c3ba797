//! A part of a panel that is folded away at first. What a person opened stays open in
//! later visits on this device.

use super::browser;
use super::details::{Details, use_details_from};
use yew::prelude::*;

/// Properties of [`Fold`].
#[derive(Clone, PartialEq, Properties)]
pub struct FoldProps {
    /// Unique in the page: the element is `fold-<id>`.
    pub id: &'static str,
    /// What is folded away.
    pub label: AttrValue,
    /// The content. It is always in the page, so that the browser's search finds it.
    pub children: Html,
}

/// The part.
#[component]
pub fn Fold(props: &FoldProps) -> Html {
    let id = format!("fold-{}", props.id);
    let stored = id.clone();
    let Details { node, open, ontoggle } =
        use_details_from(move || browser::kept_text(&stored).as_deref() == Some(OPEN));
    {
        let id = id.clone();
        use_effect_with(open, move |open| {
            let before = browser::kept_text(&id).as_deref() == Some(OPEN);
            if before != *open {
                browser::keep_text(&id, if *open { OPEN } else { "" });
            }
        });
    }
    html! {
        <details ref={node} class="fold" {id} {open} {ontoggle}>
            <summary>{ &props.label }</summary>
            <div class="fold-body">{ props.children.clone() }</div>
        </details>
    }
}

const OPEN: &str = "open";
