//! As code: the fastai program of the experiment, and what such a run printed.

use super::copy::TextBlock;
use super::runs::RunStore;
use crate::experiment::{Experiment, fastai};
use crate::format::minute;
use crate::runs::printed::printed;
use crate::text;
use crate::ui::parts::hint;
use crate::ui::shared::Shared;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Properties of [`AsCode`].
#[derive(Clone, PartialEq, Properties)]
pub struct AsCodeProps {
    /// The experiment that is shown as a program.
    pub experiment: Experiment,
    /// The finished runs.
    pub kept: RunStore,
}

/// The instrument.
#[component]
pub fn AsCode(props: &AsCodeProps) -> Html {
    let AsCodeProps { experiment, kept } = props;
    let chosen = use_state(|| None::<String>);
    let runs = kept.shelf.runs();
    let run = chosen.as_deref().and_then(|id| kept.shelf.get(id)).or(runs.last());
    let onchange = {
        let chosen = chosen.clone();
        move |event: Event| {
            let select = event.target().and_then(|it| it.dyn_into::<HtmlSelectElement>().ok());
            chosen.set(select.map(|select| select.value()));
        }
    };
    html! {
        <>
            <section class="inside-part" aria-labelledby="program-title">
                <h4 id="program-title">{ text::code_experiment() }</h4>
                { hint(text::code_hint(fastai::VERSION)) }
                <TextBlock name={text::code_program()} text={fastai::program(experiment)} />
            </section>
            <section class="inside-part" aria-labelledby="printed-title">
                <h4 id="printed-title">{ text::code_printed() }</h4>
                if let Some(run) = run {
                    <div class="field">
                        <label for="code-run">{ text::inside_run() }</label>
                        <select id="code-run" {onchange}>
                            { for runs.iter().rev().map(|it| {
                                let number = kept.shelf.number(&it.id).unwrap_or_default().to_string();
                                html! {
                                    <option key={it.id.clone()} value={it.id.clone()} selected={it.id == run.id}>
                                        { text::code_run(&number, &minute(&it.record.date)) }
                                    </option>
                                }
                            }) }
                        </select>
                    </div>
                    { printed_table(&PrintedProps { run: Shared(run.clone()) }) }
                } else {
                    { hint(text::code_no_run()) }
                }
            </section>
        </>
    }
}

struct PrintedProps {
    run: Shared<crate::runs::RunEntry>,
}

fn printed_table(props: &PrintedProps) -> Html {
    let record = &props.run.record;
    let experiment = props.run.experiment();
    let text = printed(&experiment, &record.epochs, record.tta.as_ref());
    html! {
        <>
            if record.epochs.is_empty() {
                { hint(text::code_no_epoch()) }
            } else {
                <TextBlock name={text::code_table()} {text} />
            }
        </>
    }
}
