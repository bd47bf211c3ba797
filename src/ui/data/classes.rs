//! The classes of the data set: names, counts, a few pictures of each.

use super::super::ask::use_answer;
use super::super::browser;
use super::super::picture::Picture;
use crate::app::thumbnails;
use crate::dataset::DatasetSummary;
use crate::protocol::ask::{Answer, Question};
use crate::text;
use crate::ui::parts::{quiet, unseen};
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`Classes`].
#[derive(Clone, PartialEq, Properties)]
pub struct ClassesProps {
    /// The data set.
    pub summary: Rc<DatasetSummary>,
}

/// The list of classes.
#[component]
pub fn Classes(props: &ClassesProps) -> Html {
    let summary = &props.summary;
    let round = use_state(|| 0);
    let others = {
        let round = round.clone();
        move |_| round.set(*round + 1)
    };
    let images = thumbnails::indices(summary, *round);
    let question = Question::Thumbnails { images, size: thumbnails::SIZE };
    let asking = use_answer(Some(question), summary.hash.clone().into());
    let pictures = match asking.answer.as_deref().map(|it| (&it.answer, &it.buffers)) {
        Some((Answer::Thumbnails { images, .. }, buffers)) => {
            images.iter().copied().zip(buffers.iter().cloned()).collect()
        }
        _ => Vec::new(),
    };
    let mut first = 0;
    let rows = summary.classes.iter().zip(summary.train.iter().zip(&summary.valid));
    let rows = rows.map(|(name, (&train, &valid))| {
        let range = first..first + train;
        first += train;
        let pictures = pictures.iter().filter(|(image, _)| range.contains(image));
        html! {
            <li key={name.clone()}>
                <span class="thumbnails">
                    { for pictures.map(|(_, pixels)| html! {
                        <Picture
                            size={thumbnails::SIZE}
                            pixels={pixels.clone()}
                            label={text::data_class_image(name)}
                        />
                    }) }
                </span>
                <span>
                    <span class="class-name">{ name }</span>{ " " }
                    <span class="class-counts numbers">
                        { unseen(text::data_class_counts()) }{ " " }
                        { format!("{train} + {valid}") }
                    </span>
                </span>
            </li>
        }
    });
    // On a phone the list would push everything else out of sight.
    let open = use_state(browser::is_wide);
    html! {
        <details class="classes" open={*open}>
            <summary>{ text::data_classes(summary.classes.len()) }</summary>
            <ul class="class-list">{ for rows }</ul>
            { quiet(text::data_classes_others(), others) }
        </details>
    }
}
