//! Runs from files: the picker. The same files can be dropped anywhere on the page.

use crate::text;
use web_sys::{FileList, HtmlInputElement};
use yew::prelude::*;

/// What [`open_runs`] shows.
pub struct OpenRunsProps {
    /// Takes what the picker holds.
    pub on_files: Callback<FileList>,
}

/// The picker and what it takes.
pub fn open_runs(props: &OpenRunsProps) -> Html {
    let onchange = {
        let on_files = props.on_files.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                if let Some(files) = input.files() {
                    on_files.emit(files);
                }
                // So that choosing the same file again is a change again.
                input.set_value("");
            }
        })
    };
    html! {
        <details>
            <summary>{ text::queue_open_files() }</summary>
            <div class="field">
                <label for="open-runs">{ text::queue_open() }</label>
                <input id="open-runs" type="file" multiple=true accept=".json,.ipruns,application/json" aria-describedby="open-runs-hint" {onchange} />
                <p class="hint" id="open-runs-hint">{ text::queue_open_hint() }</p>
            </div>
        </details>
    }
}
