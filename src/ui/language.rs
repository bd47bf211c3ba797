//! The choice of the page's language. It applies when the page is loaded again, and never
//! reloads by itself: that would end a run, and a list of choices must not change the page
//! while a person goes through it with the keyboard.

use super::browser;
use super::fields::{Choice, SelectField};
use super::parts::quiet;
use super::texts;
use crate::app::Action;
use crate::text;
use yew::prelude::*;

/// Properties of [`LanguageChoice`].
#[derive(Clone, PartialEq, Properties)]
pub struct LanguageProps {
    /// Takes the news that a language was chosen.
    pub on: Callback<Action>,
}

/// The list of languages. What is chosen is kept on this device (`web/boot.js` reads it).
#[component]
pub fn LanguageChoice(props: &LanguageProps) -> Html {
    let chosen = use_state(texts::language);
    let choices = texts::languages().into_iter().map(|(tag, name)| Choice::new(tag, name));
    let on_change = {
        let (chosen, on) = (chosen.clone(), props.on.clone());
        Callback::from(move |tag: String| {
            browser::keep_text("language", &tag);
            on.emit(Action::LanguageChosen);
            chosen.set(tag);
        })
    };
    let later = *chosen != texts::language();
    html! {
        <>
            <SelectField
                id="language" label={text::header_language()} choices={choices.collect::<Vec<_>>()}
                value={(*chosen).clone()} {on_change}
            />
            <span class="hint language-later" role="status">
                if later {
                    { text::header_language_later() }{ " " }
                    { quiet(text::messages_reload(), |_: MouseEvent| browser::reload()) }
                }
            </span>
        </>
    }
}
