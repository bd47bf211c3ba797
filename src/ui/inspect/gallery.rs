//! Images of the data set with a caption each, as far as the data set is here.

use super::super::ask::use_answer;
use super::super::picture::Picture;
use crate::dataset::DatasetSummary;
use crate::inspect::predictions::PredictedImage;
use crate::protocol::ask::{Answer, Question};
use crate::record::DatasetInfo;
use crate::text;
use crate::ui::parts::{hint, quiet, refusal};
use crate::ui::shared::Shared;
use std::rc::Rc;
use yew::prelude::*;

/// Images that are shown at first, and that are added on request.
const PAGE: usize = 12;
/// Side of the pictures in pixels.
const SIDE: u32 = 96;

/// Properties of [`Gallery`].
#[derive(Clone, PartialEq, Properties)]
pub struct GalleryProps {
    /// What the images have in common.
    pub label: AttrValue,
    /// The images in order.
    pub shown: Shared<Vec<PredictedImage>>,
    /// The data set that they belong to.
    pub of: DatasetInfo,
    /// The data set in place.
    pub data: Option<Rc<DatasetSummary>>,
}

/// The images.
#[component]
pub fn Gallery(props: &GalleryProps) -> Html {
    let GalleryProps { label, shown, of, data } = props;
    let wanted = use_state(|| PAGE);
    {
        let wanted = wanted.setter();
        use_effect_with(shown.clone(), move |_| wanted.set(PAGE));
    }
    let here = data.as_ref().is_some_and(|data| data.hash == of.hash);
    let images: Vec<u32> = shown.iter().take(*wanted).map(|it| it.image).collect();
    let question =
        (here && !images.is_empty()).then_some(Question::Thumbnails { images, size: SIDE });
    let asking = use_answer(question, of.hash.clone().into());
    let picture = |image: u32| {
        let answered = asking.answer.as_ref()?;
        let Answer::Thumbnails { images, size } = &answered.answer else { return None };
        let place = images.iter().position(|it| *it == image)?;
        Some((*size, answered.buffers.get(place)?.clone()))
    };
    let more = {
        let wanted = wanted.clone();
        move |_: MouseEvent| wanted.set(*wanted + 2 * PAGE)
    };
    let hidden = shown.len().saturating_sub(*wanted);
    html! {
        <div class="gallery-view">
            if !here {
                { hint(text::gallery_not_here(&of.name)) }
            }
            if let Some(error) = &asking.error {
                { refusal(error.cause()) }
            }
            <ul class="gallery" aria-label={label.clone()}>
                { for shown.iter().take(*wanted).map(|it| html! {
                    <li key={it.image}>
                        <figure tabindex="0">
                            if let Some((size, pixels)) = picture(it.image) {
                                <Picture {size} {pixels} label={text::gallery_image(&it.image.to_string())} />
                            } else {
                                <span class="gallery-blank">{ it.image }</span>
                            }
                            <figcaption>{ &it.caption }</figcaption>
                        </figure>
                    </li>
                }) }
            </ul>
            if hidden > 0 {
                <p>{ quiet(text::gallery_more(&hidden.min(2 * PAGE).to_string(), &shown.len().to_string()), more) }</p>
            }
        </div>
    }
}
