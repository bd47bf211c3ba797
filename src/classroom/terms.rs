//! The terms of the field that the page uses, with their definitions: `web/glossary.json`.

use crate::json;
use crate::report::ErrorReport;
use crate::text;
use crate::widgets::browser;
use crate::widgets::details::{Details, use_details};
use crate::widgets::parts::refusal;
use crate::widgets::shared::Shared;
use std::rc::Rc;
use yew::prelude::*;

/// Each term, its definition, and how texts spell it (`web/terms/terms.js`), from A to Z.
type Glossary = Vec<(String, String, Vec<String>)>;

/// All terms, closed until a person opens them.
#[component]
pub(super) fn Terms() -> Html {
    let Details { node, open, ontoggle } = use_details();
    let read = use_state(|| None::<Result<Shared<Glossary>, ErrorReport>>);
    {
        let read = read.clone();
        use_effect_with(open, move |open| {
            // Asked again after a failure, when it is opened again.
            if *open && !matches!(*read, Some(Ok(_))) {
                browser::spawn(async move { read.set(Some(glossary().await)) });
            }
        });
    }
    html! {
        <details ref={node} {ontoggle}>
            <summary>{ text::terms_title() }</summary>
            { match &*read {
                None => html! { <p role="status">{ text::terms_loading() }</p> },
                Some(Err(error)) => refusal(error.to_string()),
                Some(Ok(terms)) => html! {
                    <dl class="terms">
                        { for terms.iter().map(|(term, meaning, _)| html! {
                            <><dt>{ term }</dt><dd>{ meaning }</dd></>
                        }) }
                    </dl>
                },
            } }
        </details>
    }
}

async fn glossary() -> Result<Shared<Glossary>, ErrorReport> {
    let file = browser::meta("glossary").unwrap_or_default();
    let bytes = browser::fetch_bytes(&file).await?;
    let terms = json::read_bytes(&bytes).map_err(|error| {
        ErrorReport::new(
            text::terms_unreadable(),
            error.to_string(),
            text::browser_no_window_remedy(),
        )
    })?;
    Ok(Shared(Rc::new(terms)))
}
