//! What can be done with all runs together: taken along, brought back, deleted.

use crate::app::{Action, Attachments};
use crate::runs::archive::EXTENSION;
use crate::text;
use crate::ui::parts::{button, quiet};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What [`all_runs`] shows.
pub struct AllRunsProps {
    /// How many runs there are.
    pub runs: usize,
    /// Takes the person's actions.
    pub on: Callback<Action>,
}

/// The buttons below the list.
pub fn all_runs(props: &AllRunsProps) -> Html {
    let AllRunsProps { runs, on } = props;
    let on_file = {
        let on = on.clone();
        Callback::from(move |event: Event| {
            let input = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
            let Some(input) = input else { return };
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                on.emit(Action::ImportRuns(Attachments::new(file)));
            }
            // The same file can be picked again.
            input.set_value("");
        })
    };
    let on_click = |action: Action| on.reform(move |_: MouseEvent| action.clone());
    html! {
        <div class="all-runs">
            if *runs > 0 {
                { button(text::results_export(), on_click(Action::ExportRuns)) }
            }
            <div class="field">
                <label for="import-runs">{ text::results_import(EXTENSION) }</label>
                <input type="file" id="import-runs" accept={format!(".{EXTENSION}")} onchange={on_file} />
            </div>
            if *runs > 0 {
                { quiet(text::results_delete_all(), on_click(Action::DeleteAllRuns)) }
            }
        </div>
    }
}
