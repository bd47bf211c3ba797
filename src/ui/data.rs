//! The data panel: what is loaded, how to get something else, how much of it
//! to use.

mod classes;
mod import;
mod status;

use super::fields::{Choice, NumberField, SelectField};
use super::fold::Fold;
use crate::app::{Action, DataState};
use crate::experiment::{Experiment, Noise};
use crate::text;
use yew::prelude::*;

/// What [`data`] shows.
pub struct DataProps {
    /// What is loaded, and what is on its way.
    pub data: DataState,
    /// What names its data.
    pub experiment: Experiment,
    /// A run uses the data, so that they cannot be changed now.
    pub training: bool,
    /// The link keeps them from being changed.
    pub locked: bool,
    /// How many files of a dropped folder were found, while it is being read.
    pub walking: Option<usize>,
    /// Hears the person's wishes.
    pub on: Callback<Action>,
    /// Takes what a picker holds.
    pub on_files: Callback<web_sys::FileList>,
}

/// The data panel.
pub fn data(props: &DataProps) -> Html {
    let ways = import::ImportProps {
        data: props.data.clone(),
        wanted: props.experiment.data.clone(),
        training: props.training,
        locked: props.locked,
        on: props.on.clone(),
        on_files: props.on_files.clone(),
    };
    html! {
        <section class="panel panel-data" aria-labelledby="data-title">
            <h2 id="data-title">{ text::data_title() }</h2>
            { status::status(&status::StatusProps { data: props.data.clone(), walking: props.walking, on: props.on.clone() }) }
            { import::offers(&ways) }
            <Fold id="data" label={text::data_fold()}>
                if let Some(loaded) = &props.data.loaded {
                    <classes::Classes summary={loaded.summary.clone()} />
                }
                { import::pickers(&ways) }
                { amount(&props.experiment, &props.on) }
            </Fold>
        </section>
    }
}

/// How much of the data set is used, and how many labels are wrong.
fn amount(experiment: &Experiment, on: &Callback<Action>) -> Html {
    let set = |key: &'static str| {
        let on = on.clone();
        // An empty field means all of them, which links write as a word.
        Callback::from(move |value: String| {
            let all = value.trim().is_empty() && matches!(key, "subset" | "valid");
            on.emit(Action::Set { key, value: if all { "all".into() } else { value } });
        })
    };
    let limit = |limit: Option<u32>| limit.map(|n| n.to_string()).unwrap_or_default();
    let noise = Noise::ALL.map(|noise| {
        let (value, label) = match noise {
            Noise::None => ("0", text::data_noise_none()),
            Noise::One => ("1", "1%"),
            Noise::Five => ("5", "5%"),
            Noise::TwentyFive => ("25", "25%"),
            Noise::Fifty => ("50", "50%"),
        };
        Choice::new(value, label)
    });
    html! {
        <fieldset class="group">
            <legend>{ text::data_amount() }</legend>
            <div class="pair">
                <NumberField
                    id="subset" label={text::data_subset()} min="10" max="1300" placeholder={text::data_all()}
                    value={limit(experiment.subset)} on_change={set("subset")}
                />
                <NumberField
                    id="valid" label={text::data_valid()} min="10" max="1300" placeholder={text::data_all()}
                    value={limit(experiment.valid)} on_change={set("valid")}
                />
            </div>
            <div class="pair">
                <SelectField
                    id="noise" label={text::data_noise()} choices={noise.to_vec()}
                    value={experiment.noise.percent().to_string()} on_change={set("noise")}
                />
                <NumberField
                    id="dseed" label={text::data_subset_seed()} min="0" max="4294967295"
                    value={experiment.dseed.to_string()} on_change={set("dseed")}
                />
            </div>
        </fieldset>
    }
}
