//! The top of the page: its name, the link to the experiment, the theme.

use super::browser::{self, Theme};
use super::fields::{Choice, SelectField};
use super::text;
use crate::ui::browser::spawn;
use crate::ui::parts::primary;
use yew::prelude::*;

/// Milliseconds for which "Copied" is shown.
const SHOWN: f64 = 2500.0;

/// The top of the page; `link` is the canonical link of the experiment.
pub fn header(link: AttrValue) -> Html {
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
                <CopyLink {link} />
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

#[derive(Clone, PartialEq, Properties)]
struct CopyLinkProps {
    link: AttrValue,
}

/// The button that copies the page's address with the experiment in it.
#[component]
fn CopyLink(props: &CopyLinkProps) -> Html {
    let copied = use_state(|| Copied::Not);
    let onclick = {
        let (copied, link) = (copied.clone(), props.link.clone());
        move |_| {
            let (copied, address) = (copied.clone(), browser::address_of(&link));
            spawn(async move {
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
            { primary(if *copied == Copied::Done { "Copied" } else { "Copy link" }, onclick) }
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
    let choices = Theme::ALL.map(|it| Choice::new(it.name(), it.name()));
    html! {
        <SelectField id="theme" label="Theme" choices={choices.to_vec()} value={theme.name()} {on_change} />
    }
}
