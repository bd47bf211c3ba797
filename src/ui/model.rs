//! The network and its schedule: model, size, epochs, batch, learning rate,
//! crop, seed, engine.

use super::fields::{Choice, NumberField, SelectField};
use super::text;
use crate::app::Action;
use crate::experiment::{Crop, EngineChoice, Experiment, ModelKind, recipe};
use crate::model::{ModelSummary, summary};
use crate::number::grouped;
use crate::ui::parts::hint;
use yew::prelude::*;

/// What [`model`] shows.
pub struct ModelProps {
    /// What is edited.
    pub experiment: Experiment,
    /// Classes that the network tells apart.
    pub classes: usize,
    /// True if all images in place are square, where that matters to a crop.
    pub square: bool,
    /// Hears the fields.
    pub on: Callback<Action>,
}

/// The panel of the model and the schedule.
pub fn model(props: &ModelProps) -> Html {
    let ModelProps { experiment, classes, square, on } = props;
    let set = |key: &'static str| {
        let on = on.clone();
        Callback::from(move |value: String| on.emit(Action::Set { key, value }))
    };
    let choices = |names: &[&'static str]| {
        names.iter().map(|&value| Choice::new(value, value)).collect::<Vec<_>>()
    };
    let models = choices(&ModelKind::ALL.map(ModelKind::name));
    let crops = choices(&Crop::ALL.map(Crop::name));
    let engines = choices(&EngineChoice::ALL.map(EngineChoice::name));
    let progressive = !experiment.prog.is_empty();
    let crop_hint = match experiment.crop {
        Crop::Resize if *square => "These images are square, so this is a flip and nothing else.",
        crop => text::crop(crop),
    };
    html! {
        <section class="panel panel-model" aria-labelledby="model-title">
            <h2 id="model-title">{ "Model and schedule" }</h2>
            <SelectField
                id="model" label="Network" choices={models} value={experiment.model.name()}
                hint={text::model(experiment.model)} on_change={set("model")}
            />
            <p class="hint numbers">{ costs(experiment, *classes) }</p>
            <p class="hint"><a href={recipe::LINK}>{ "The most accurate recipe, for a graphics card" }</a></p>
            <div class="pair">
                <NumberField
                    id="size" label="Image side, px" min="16" max="160" disabled={progressive}
                    value={experiment.final_size().to_string()} on_change={set("size")}
                />
                <NumberField
                    id="epochs" label="Epochs" min="1" max="200" disabled={progressive}
                    value={experiment.total_epochs().to_string()} on_change={set("epochs")}
                />
                if progressive {
                    { hint("Set by progressive resizing.") }
                }
            </div>
            <div class="pair">
                <NumberField
                    id="bs" label="Batch size" min="2" max="1024" value={experiment.bs.to_string()}
                    on_change={set("bs")}
                />
                <NumberField
                    id="lr" label="Learning rate" step="any" min="0.0000001" max="10"
                    value={experiment.lr.to_string()} on_change={set("lr")}
                />
            </div>
            <SelectField
                id="crop" label="Training crop" choices={crops} value={experiment.crop.name()}
                hint={crop_hint} on_change={set("crop")}
            />
            <NumberField
                id="seed" label="Seed" min="0" max="4294967295" value={experiment.seed.to_string()}
                hint="Weights, order, crops and mixup. The same seed is the same run."
                on_change={set("seed")}
            />
            <SelectField
                id="engine" label="Engine" choices={engines} value={experiment.engine.name()}
                hint={text::engine(experiment.engine)} on_change={set("engine")}
            />
        </section>
    }
}

/// What the network costs at the size at which it is measured.
fn costs(experiment: &Experiment, classes: usize) -> String {
    let size = experiment.final_size();
    let ModelSummary { params, macs, .. } = summary(experiment.model, classes, size as usize);
    format!("{} weights, {:.1} M MACs at {size} px", grouped(params), macs as f64 / 1e6)
}
