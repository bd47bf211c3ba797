//! A text to take along: shown as it is, with a button that copies it.

use super::super::browser;
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::parts::quiet;
use yew::prelude::*;

/// Milliseconds for which “Copied” is shown.
const SHOWN: f64 = 2500.0;

/// Properties of [`TextBlock`].
#[derive(Clone, PartialEq, Properties)]
pub struct TextBlockProps {
    /// What it is; the button says so, too.
    pub name: AttrValue,
    /// The text.
    pub text: AttrValue,
}

/// The text and its button.
#[component]
pub fn TextBlock(props: &TextBlockProps) -> Html {
    let TextBlockProps { name, text } = props;
    let said = use_state(String::new);
    let onclick = {
        let (said, text) = (said.clone(), text.clone());
        move |_: MouseEvent| {
            let (said, text) = (said.clone(), text.clone());
            spawn(async move {
                match browser::copy(&text).await {
                    Ok(()) => {
                        said.set(text::inside_copied().into());
                        browser::after(SHOWN, move || said.set(String::new()));
                    }
                    Err(why) => said.set(text::inside_not_copied(&why)),
                }
            });
        }
    };
    html! {
        <div class="text-block">
            // A region that scrolls has to be reachable by keyboard.
            <pre class="code" role="region" aria-label={name.clone()} tabindex="0">{ text }</pre>
            <p class="text-block-tools">
                { quiet(text::inside_copy(name), onclick) }
                <span class="hint" role="status">{ &*said }</span>
            </p>
        </div>
    }
}
