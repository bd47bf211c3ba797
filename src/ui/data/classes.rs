//! The classes of the data set: names, counts, a few pictures of each.

use super::super::browser;
use crate::protocol::DatasetSummary;
use crate::workbench::Action;
use std::rc::Rc;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};
use yew::prelude::*;

/// One picture, as the worker sent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Thumbnail {
    /// Index of the image in the data set: training images come first, class
    /// after class.
    pub image: u32,
    /// Side in pixels.
    pub size: u32,
    /// RGBA, row after row.
    pub pixels: Rc<Vec<u8>>,
}

/// Properties of [`Classes`].
#[derive(Clone, PartialEq, Properties)]
pub struct ClassesProps {
    /// The data set.
    pub summary: Rc<DatasetSummary>,
    /// Its pictures, of all classes.
    pub thumbnails: Rc<Vec<Thumbnail>>,
    /// Hears the wish for other pictures.
    pub on: Callback<Action>,
}

/// The list of classes.
#[component]
pub fn Classes(props: &ClassesProps) -> Html {
    let summary = &props.summary;
    let others = {
        let on = props.on.clone();
        move |_| on.emit(Action::OtherThumbnails)
    };
    let mut first = 0;
    let rows = summary.classes.iter().zip(summary.train.iter().zip(&summary.valid));
    let rows = rows.map(|(name, (&train, &valid))| {
        let range = first..first + train;
        first += train;
        let pictures = props.thumbnails.iter().filter(|it| range.contains(&it.image));
        html! {
            <li key={name.clone()}>
                <span class="thumbnails">
                    { for pictures.enumerate().map(|(index, it)| html! {
                        <Picture key={index} thumbnail={it.clone()} label={format!("{name}, training image")} />
                    }) }
                </span>
                <span>
                    <span class="class-name">{ name }</span>{ " " }
                    <span class="class-counts numbers">
                        <span class="visually-hidden">{ "training and validation images: " }</span>
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
            <summary>{ format!("{} classes", summary.classes.len()) }</summary>
            <ul class="class-list">{ for rows }</ul>
            <button type="button" class="quiet" onclick={others}>{ "Show other pictures" }</button>
        </details>
    }
}

/// Properties of [`Picture`].
#[derive(Clone, PartialEq, Properties)]
struct PictureProps {
    thumbnail: Thumbnail,
    label: String,
}

/// One picture.
#[component]
fn Picture(props: &PictureProps) -> Html {
    let canvas = use_node_ref();
    use_effect_with((canvas.clone(), props.thumbnail.clone()), |(canvas, thumbnail)| {
        if let Some(canvas) = canvas.cast::<HtmlCanvasElement>()
            && let Err(error) = paint(&canvas, thumbnail)
        {
            web_sys::console::warn_1(&error);
        }
    });
    let size = props.thumbnail.size.to_string();
    html! {
        <canvas ref={canvas} width={size.clone()} height={size} role="img" aria-label={props.label.clone()} />
    }
}

fn paint(canvas: &HtmlCanvasElement, thumbnail: &Thumbnail) -> Result<(), JsValue> {
    let context = canvas.get_context("2d")?;
    let Some(context) = context.and_then(|it| it.dyn_into::<CanvasRenderingContext2d>().ok())
    else {
        return Ok(());
    };
    let Thumbnail { size, pixels, .. } = thumbnail;
    let image =
        ImageData::new_with_u8_clamped_array_and_sh(Clamped(pixels.as_slice()), *size, *size)?;
    context.put_image_data(&image, 0.0, 0.0)
}
