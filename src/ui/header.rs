//! The top of the page: its name, the link to the experiment, language and theme.

use super::browser::{self, Theme};
use super::fields::{Choice, SelectField};
use super::language::LanguageChoice;
use crate::app::Action;
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::parts::primary;
use yew::prelude::*;

/// Milliseconds for which "Copied" is shown.
const SHOWN: f64 = 2500.0;

/// The top of the page; `link` is the canonical link of the experiment.
pub fn header(link: AttrValue, on: Callback<Action>) -> Html {
    html! {
        <header class="masthead">
            <button type="button" class="skip" onclick={|_| browser::focus("train")}>
                { text::header_skip() }
            </button>
            <div>
                <h1>{ text::page_title() }</h1>
                <p class="tagline">{ text::page_tagline() }{ " " }<span class="privacy">{ text::page_privacy() }</span></p>
            </div>
            <div class="masthead-tools">
                <CopyLink {link} />
                <LanguageChoice {on} />
                <ThemeChoice />
            </div>
        </header>
    }
}

/// In place of the top where the page is part of another one.
pub fn embedded(link: AttrValue) -> Html {
    html! {
        <header class="embedded">
            <h1 class="visually-hidden">{ text::page_title() }</h1>
            <a href={browser::address_of(&link)} target="_blank" rel="noopener">
                { text::header_new_tab() }
            </a>
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
            { primary(if *copied == Copied::Done { text::header_copied() } else { text::header_copy_link() }, onclick) }
            <span class="visually-hidden" role="status">
                { if *copied == Copied::Done { text::header_link_copied() } else { "" } }
            </span>
            if let Copied::Refused(why) = &*copied {
                <label class="copy-by-hand">
                    { text::header_copy_by_hand(why) }
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
    let label = |theme| match theme {
        Theme::Auto => text::header_theme_auto(),
        Theme::Light => text::header_theme_light(),
        Theme::Dark => text::header_theme_dark(),
    };
    let choices = Theme::ALL.map(|it| Choice::new(it.name(), label(it)));
    html! {
        <SelectField id="theme" label={text::header_theme()} choices={choices.to_vec()} value={theme.name()} {on_change} />
    }
}
