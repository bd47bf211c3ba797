//! A text as a QR code, dark on white in every theme, with the text for those who do not see it.

use crate::class::qr::{QrPicture, picture};
use crate::text;
use crate::widgets::parts::hint;
use yew::prelude::*;

/// The code behind a summary; `name` says what it is of.
pub(super) fn folded_code(name: &'static str, content: &str) -> Html {
    html! {
        <details class="qr">
            <summary>{ name }</summary>
            { match picture(content) {
                None => hint(text::qr_too_long()),
                Some(QrPicture { side, path }) => html! {
                    <>
                        <svg
                            role="img" aria-label={text::qr_alternative(content)}
                            viewBox={format!("0 0 {side} {side}")} shape-rendering="crispEdges"
                        >
                            <rect width={side.to_string()} height={side.to_string()} fill="#fff" />
                            <path d={path} fill="#000" />
                        </svg>
                        { hint(text::qr_hint()) }
                    </>
                },
            } }
        </details>
    }
}
