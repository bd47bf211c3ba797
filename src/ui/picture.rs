//! One picture on a canvas, with its alternative text.

use std::rc::Rc;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};
use yew::prelude::*;

/// Properties of [`Picture`].
#[derive(Clone, PartialEq, Properties)]
pub struct PictureProps {
    /// Side in pixels.
    pub size: u32,
    /// RGBA, row after row: `size` × `size` × 4 bytes. Anything else paints nothing.
    pub pixels: Rc<Vec<u8>>,
    /// What it shows, in words.
    pub label: AttrValue,
}

/// A square picture.
#[component]
pub fn Picture(props: &PictureProps) -> Html {
    let canvas = use_node_ref();
    let drawn = (canvas.clone(), props.size, props.pixels.clone());
    use_effect_with(drawn, |(canvas, size, pixels)| {
        if let Some(canvas) = canvas.cast::<HtmlCanvasElement>()
            && let Err(error) = paint(&canvas, *size, pixels)
        {
            web_sys::console::warn_1(&error);
        }
    });
    let size = props.size.to_string();
    html! {
        <canvas ref={canvas} width={size.clone()} height={size} role="img" aria-label={props.label.clone()} />
    }
}

fn paint(canvas: &HtmlCanvasElement, size: u32, pixels: &[u8]) -> Result<(), JsValue> {
    let context = canvas.get_context("2d")?;
    let Some(context) = context.and_then(|it| it.dyn_into::<CanvasRenderingContext2d>().ok())
    else {
        return Ok(());
    };
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(pixels), size, size)?;
    context.put_image_data(&image, 0.0, 0.0)
}
