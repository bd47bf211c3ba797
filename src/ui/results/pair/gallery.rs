//! The images that one run fixed or broke of the other, page by page. Without the
//! data set the list stays, only without its pictures.

use super::super::super::ask::use_answer;
use super::super::super::browser;
use super::super::super::fields::{Choice, SelectField};
use super::super::super::picture::Picture;
use crate::dataset::DatasetSummary;
use crate::format::percent;
use crate::protocol::ask::{Answer, Question};
use crate::runs::pair::{Flip, ImageAnswer, Order, Show, arrange, class_name, table};
use crate::text::{self, lowered, sentence};
use crate::ui::parts::{button_if, csv_button, hint, tag};
use crate::ui::shared::Shared;
use crate::widgets::save;
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
        0 => text::flips_none().to_owned(),
        n => text::flips_title(n, fixed, n - fixed),
    };
    html! {
        <details class="flips" open={*open} ontoggle={on_toggle}>
            <summary>{ summary }</summary>
            if !flips.is_empty() {
                <div class="flip-controls">
                    <SelectField
                        id="flip-show" label={text::flips_show()} value={(*show).clone()} on_change={set(&show)}
                        choices={choices(&[
                            ("both", text::flips_show_both()),
                            ("fixed", text::flips_show_fixed()),
                            ("broken", text::flips_show_broken()),
                        ])}
                    />
                    <SelectField
                        id="flip-order" label={text::flips_order()} value={(*order).clone()} on_change={set(&order)}
                        choices={choices(&[
                            ("largest", text::flips_order_largest()),
                            ("smallest", text::flips_order_smallest()),
                            ("class", text::flips_order_class()),
                            ("data", text::flips_order_data()),
                        ])}
                    />
                    { csv_button(text::flips_csv(), on_csv) }
                </div>
                if there.is_none() {
                    { hint(text::flips_no_pictures(data_name)) }
                }
                if let Some(error) = &asking.error {
                    { hint(text::flips_pictures_error(&lowered(&sentence(&error.why)))) }
                }
                <ul class="flip-list">
                    { for on_page.iter().map(|flip| {
                        let picture = pictures.iter().find(|(image, _)| *image == flip.image);
                        item(flip, picture.map(|(_, pixels)| pixels.clone()), there.is_some(), names, *numbers)
                    }) }
                </ul>
                if count == 0 {
                    { hint(text::flips_empty()) }
                }
                if pages > 1 {
                    <div class="flip-pages" role="group" aria-label={text::flips_pages()}>
                        { button_if(at > 0, text::button_previous(), turn(at.saturating_sub(1))) }
                        <span role="status">{ text::flips_page(at * PAGE + 1, at * PAGE + on_page.len(), count) }</span>
                        { button_if(at + 1 < pages, text::button_next(), turn(at + 1)) }
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
    let sign = if flip.fixed { text::flips_fixed() } else { text::flips_broken() };
    let number = flip.image.to_string();
    let label = text::flips_image_label(&truth, &number);
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
                        { " " }<span class="hint">{ text::flips_image(&number) }</span>
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
    let (number, class) = (number.to_string(), class_name(names, said.predicted));
    let truth = percent(said.truth);
    let line = match said.own {
        _ if said.predicted == label => text::flips_right(&number, &class, &truth),
        Some(own) => text::flips_wrong_own(&number, &class, &percent(own), &truth),
        None => text::flips_wrong(&number, &class, &truth),
    };
    html! { <p class="numbers">{ line }</p> }
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
