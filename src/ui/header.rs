//! The top of the page: its name, the link to the experiment, the theme.

use super::browser::{self, Theme};
use super::fields::{Choice, SelectField};
use super::text;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Milliseconds for which "Copied" is shown.
const SHOWN: f64 = 2500.0;

/// Properties of [`Header`].
#[derive(Clone, PartialEq, Properties)]
pub struct HeaderProps {
    /// The canonical link of the experiment.
    pub link: AttrValue,
}

/// The top of the page.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    html! {
        <header class="masthead">
            <button type="button" class="skip" onclick={|_| browser::focus("train")}>
                { "Go to the training controls" }
            </button>
            <div>
                <h1>{ text::TITLE }</h1>
                <p class="tagline">{ text::TAGLINE }{ " " }<span class="privacy">{ text::PRIVACY }</span></p>
            </div>
            <div class="masthead-tools">
                <CopyLink link={props.link.clone()} />
                <ThemeChoice />
            </div>
        </header>
    }
}

/// What became of copying.
#[derive(Clone, PartialEq)]
enum Copied {
    Not,
    Done,
    Refused(String),
}

/// The button that copies the page's address with the experiment in it.
#[component]
fn CopyLink(props: &HeaderProps) -> Html {
    let copied = use_state(|| Copied::Not);
    let onclick = {
        let (copied, link) = (copied.clone(), props.link.clone());
        move |_| {
            let (copied, address) = (copied.clone(), browser::address_of(&link));
            spawn_local(async move {
                match browser::copy(&address).await {
                    Ok(()) => {
                        copied.set(Copied::Done);
                        browser::after(SHOWN, move || copied.set(Copied::Not));
                    }
                    Err(why) => copied.set(Copied::Refused(why)),
                }
            });
        }
    };
    html! {
        <div class="copy">
            <button type="button" class="primary" {onclick}>
                { if *copied == Copied::Done { "Copied" } else { "Copy link" } }
            </button>
            <span class="visually-hidden" role="status">
                { if *copied == Copied::Done { "The link was copied." } else { "" } }
            </span>
            if let Copied::Refused(why) = &*copied {
                <label class="copy-by-hand">
                    { format!("Copy it by hand ({why}):") }
                    <input type="text" readonly=true value={browser::address_of(&props.link)} />
                </label>
            }
        </div>
    }
}

/// The choice between light and dark.
#[component]
fn ThemeChoice() -> Html {
    let theme = use_state(Theme::stored);
    let on_change = {
        let theme = theme.clone();
        Callback::from(move |name: String| {
            let chosen = Theme::named(&name);
            browser::keep_theme(chosen);
            theme.set(chosen);
        })
    };
    let choices = Theme::ALL.map(|it| Choice { value: it.name(), label: it.name().into() });
    html! {
        <SelectField id="theme" label="Theme" choices={choices.to_vec()} value={theme.name()} {on_change} />
    }
}
