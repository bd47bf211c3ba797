//! The images that one run fixed or broke of the other, page by page. Without the
//! data set the list stays, only without its pictures.

use super::super::super::ask::use_answer;
use super::super::super::browser;
use super::super::super::fields::{Choice, SelectField};
use super::super::super::picture::Picture;
use super::super::save;
use crate::dataset::DatasetSummary;
use crate::format::percent;
use crate::protocol::ask::{Answer, Question};
use crate::runs::pair::{Flip, ImageAnswer, Order, Show, arrange, class_name, table};
use crate::text::{lowered, sentence};
use crate::ui::parts::{button_if, csv_button, hint, tag};
use crate::ui::shared::Shared;
use std::rc::Rc;
use yew::prelude::*;

/// Images of one page.
const PAGE: usize = 24;
/// Side of a picture in pixels, twice what the page shows for dense screens.
const SIZE: u32 = 128;

/// Properties of [`Gallery`].
#[derive(Clone, PartialEq, Properties)]
pub struct PairGalleryProps {
    /// All images that changed.
    pub flips: Vec<Flip>,
    /// The numbers of the two runs.
    pub numbers: [u32; 2],
    /// Hash of the data set that both were measured on.
    pub hash: String,
    /// Its name.
    pub data_name: String,
    /// The data set in place, which may be another.
    pub dataset: Option<Shared<DatasetSummary>>,
}

/// The gallery.
#[component]
pub fn Gallery(props: &PairGalleryProps) -> Html {
    let PairGalleryProps { flips, numbers, hash, data_name, dataset } = props;
    let show = use_state(|| "both".to_owned());
    let order = use_state(|| "largest".to_owned());
    let page = use_state(|| 0);
    // On a phone it would push everything else out of sight.
    let open = use_state(browser::is_wide);
    let there = dataset.as_ref().filter(|dataset| dataset.hash == *hash);
    let names: &[String] = there.map_or(&[], |dataset| &dataset.classes);

    let shown = arrange(flips, show_of(&show), order_of(&order));
    let pages = shown.len().div_ceil(PAGE).max(1);
    let at = (*page).min(pages - 1);
    let count = shown.len();
    let on_page: Vec<Flip> = shown.iter().skip(at * PAGE).take(PAGE).copied().collect();

    let images: Vec<u32> = on_page.iter().map(|flip| flip.image).collect();
    let question = (there.is_some() && *open && !images.is_empty())
        .then_some(Question::Thumbnails { images, size: SIZE });
    let asking = use_answer(question, hash.clone().into());
    let pictures: Vec<(u32, Rc<Vec<u8>>)> = match asking.answer.as_deref() {
        Some(answered) => match &answered.answer {
            Answer::Thumbnails { images, .. } => {
                images.iter().copied().zip(answered.buffers.iter().cloned()).collect()
            }
            #[allow(unreachable_patterns, reason = "the worker answers other questions, too")]
            _ => Vec::new(),
        },
        None => Vec::new(),
    };

    let set = |state: &UseStateHandle<String>| {
        let (state, page) = (state.clone(), page.clone());
        Callback::from(move |value: String| {
            state.set(value);
            page.set(0);
        })
    };
    let turn = |to: usize| {
        let page = page.clone();
        Callback::from(move |_: MouseEvent| page.set(to))
    };
    let on_toggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            let details = event.target_dyn_into::<web_sys::Element>();
            open.set(details.is_some_and(|details| details.has_attribute("open")));
        })
    };
    let on_csv = {
        let (names, numbers) = (names.to_vec(), *numbers);
        Callback::from(move |_: MouseEvent| {
            let table = table(&shown, &names, numbers);
            save::text("changed-images.csv", "text/csv", &table.csv());
        })
    };
    let fixed = flips.iter().filter(|flip| flip.fixed).count();
    let summary = match flips.len() {
        0 => "No image changed between right and wrong".to_owned(),
        1 => "The one image that changed".to_owned(),
        n => format!("The {n} images that changed: {fixed} fixed, {} broken", n - fixed),
    };
    html! {
        <details class="flips" open={*open} ontoggle={on_toggle}>
            <summary>{ summary }</summary>
            if !flips.is_empty() {
                <div class="flip-controls">
                    <SelectField
                        id="flip-show" label="Show" value={(*show).clone()} on_change={set(&show)}
                        choices={choices(&[("both", "fixed and broken"), ("fixed", "fixed only"), ("broken", "broken only")])}
                    />
                    <SelectField
                        id="flip-order" label="Order" value={(*order).clone()} on_change={set(&order)}
                        choices={choices(&[
                            ("largest", "largest change of confidence first"),
                            ("smallest", "smallest change of confidence first"),
                            ("class", "by true class"),
                            ("data", "as in the data set"),
                        ])}
                    />
                    { csv_button("Download CSV of the changed images", on_csv) }
                </div>
                if there.is_none() {
                    { hint(format!("The pictures are not here: open {data_name} in “Data” to see them. The list below goes by class and image number.")) }
                }
                if let Some(error) = &asking.error {
                    { hint(format!("No pictures: {}", lowered(&sentence(&error.why)))) }
                }
                <ul class="flip-list">
                    { for on_page.iter().map(|flip| {
                        let picture = pictures.iter().find(|(image, _)| *image == flip.image);
                        item(flip, picture.map(|(_, pixels)| pixels.clone()), there.is_some(), names, *numbers)
                    }) }
                </ul>
                if count == 0 {
                    { hint("None of this kind.") }
                }
                if pages > 1 {
                    <div class="flip-pages" role="group" aria-label="Pages of changed images">
                        { button_if(at > 0, "Previous", turn(at.saturating_sub(1))) }
                        <span role="status">{ format!("{} to {} of {}", at * PAGE + 1, at * PAGE + on_page.len(), count) }</span>
                        { button_if(at + 1 < pages, "Next", turn(at + 1)) }
                    </div>
                }
            }
        </details>
    }
}

fn item(
    flip: &Flip,
    pixels: Option<Rc<Vec<u8>>>,
    with_picture: bool,
    names: &[String],
    numbers: [u32; 2],
) -> Html {
    let truth = class_name(names, flip.label);
    let class = if flip.fixed { "flip is-fixed" } else { "flip is-broken" };
    let sign = if flip.fixed { "✓ fixed" } else { "✗ broken" };
    let label = format!("{truth}, validation image {}", flip.image);
    html! {
        <li key={flip.image} {class}>
            if with_picture {
                if let Some(pixels) = pixels {
                    <Picture size={SIZE} {pixels} {label} />
                } else {
                    <span class="flip-empty" aria-hidden="true"></span>
                }
            }
            <div>
                <p class="flip-truth">
                    { tag(sign) }{ " " }<strong>{ truth }</strong>
                    if !with_picture {
                        <span class="hint">{ format!(" image {}", flip.image) }</span>
                    }
                </p>
                { said(numbers[0], &flip.before, flip.label, names) }
                { said(numbers[1], &flip.after, flip.label, names) }
            </div>
        </li>
    }
}

/// What one run says: the class, and how sure it is of it and of the truth.
fn said(number: u32, said: &ImageAnswer, label: u8, names: &[String]) -> Html {
    let name = class_name(names, said.predicted);
    let text = if said.predicted == label {
        format!("{name} {}", percent(said.truth))
    } else {
        let own = said.own.map_or_else(String::new, |own| format!(" {}", percent(own)));
        format!("{name}{own}, truth {}", percent(said.truth))
    };
    html! { <p class="numbers">{ format!("Run {number}: {text}") }</p> }
}

fn choices(all: &[(&'static str, &'static str)]) -> Vec<Choice> {
    all.iter().map(|(value, label)| Choice::new(*value, *label)).collect()
}

fn show_of(value: &str) -> Show {
    match value {
        "fixed" => Show::Fixed,
        "broken" => Show::Broken,
        _ => Show::Both,
    }
}

fn order_of(value: &str) -> Order {
    match value {
        "smallest" => Order::SmallestChange,
        "class" => Order::Class,
        "data" => Order::DataSet,
        _ => Order::LargestChange,
    }
}
