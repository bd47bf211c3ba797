//! The network and its schedule: model, size, epochs, batch, learning rate,
//! crop, seed, engine.

use super::fields::{Choice, NumberField, SelectField};
use super::fold::Fold;
use crate::app::Action;
use crate::experiment::{Crop, EngineChoice, Experiment, ModelKind, names, recipe};
use crate::model::{ModelSummary, summary};
use crate::runs::summary::network_and_sizes;
use crate::text;
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
    let choices = |key: &str, values: &[&'static str]| {
        let choice = |value: &&'static str| Choice::new(*value, names::value_text(key, value));
        values.iter().map(choice).collect::<Vec<_>>()
    };
    let models = choices("model", &ModelKind::ALL.map(ModelKind::name));
    let crops = choices("crop", &Crop::ALL.map(Crop::name));
    let engines = choices("engine", &EngineChoice::ALL.map(EngineChoice::name));
    let progressive = !experiment.prog.is_empty();
    let crop = match experiment.crop {
        Crop::Resize if *square => text::model_crop_resize_square(),
        crop => crop_hint(crop),
    };
    html! {
        <section class="panel panel-model" aria-labelledby="model-title">
            <h2 id="model-title">{ text::model_title() }</h2>
            { hint(recipe_line(experiment)) }
            <Fold id="model" label={text::model_fold()}>
            <SelectField
                id="model" label={text::model_network()} choices={models} value={experiment.model.name()}
                hint={model_hint(experiment.model)} on_change={set("model")}
            />
            <p class="hint numbers">{ costs(experiment, *classes) }</p>
            <p class="hint"><a href={recipe::LINK}>{ text::model_recipe() }</a></p>
            <div class="pair">
                <NumberField
                    id="size" label={text::model_size()} min="16" max="160" disabled={progressive}
                    value={experiment.final_size().to_string()} on_change={set("size")}
                />
                <NumberField
                    id="epochs" label={text::model_epochs()} min="1" max="200" disabled={progressive}
                    value={experiment.total_epochs().to_string()} on_change={set("epochs")}
                />
                if progressive {
                    { hint(text::model_progressive()) }
                }
            </div>
            <div class="pair">
                <NumberField
                    id="bs" label={text::model_bs()} min="2" max="1024" value={experiment.bs.to_string()}
                    on_change={set("bs")}
                />
                <NumberField
                    id="lr" label={text::model_lr()} step="any" min="0.0000001" max="10"
                    value={experiment.lr.to_string()} on_change={set("lr")}
                />
            </div>
            <SelectField
                id="crop" label={text::model_crop()} choices={crops} value={experiment.crop.name()}
                hint={crop} on_change={set("crop")}
            />
            <NumberField
                id="seed" label={text::model_seed()} min="0" max="4294967295" value={experiment.seed.to_string()}
                hint={text::model_seed_hint()}
                on_change={set("seed")}
            />
            <SelectField
                id="engine" label={text::model_engine()} choices={engines} value={experiment.engine.name()}
                hint={engine_hint(experiment.engine)} on_change={set("engine")}
            />
            </Fold>
        </section>
    }
}

/// What is set, in a line: `tiny, 64 px, 5 epochs, batches of 64, learning rate 0.01`.
fn recipe_line(experiment: &Experiment) -> String {
    let Experiment { bs, lr, .. } = experiment;
    text::model_line(&network_and_sizes(experiment), &bs.to_string(), &lr.to_string())
}

/// What the network costs at the size at which it is measured.
fn costs(experiment: &Experiment, classes: usize) -> String {
    let size = experiment.final_size();
    let ModelSummary { params, macs, .. } = summary(experiment.model, classes, size as usize);
    text::model_costs(
        params,
        &text::decimal(&format!("{:.1}", macs as f64 / 1e6)),
        &size.to_string(),
    )
}

/// What a network is.
fn model_hint(model: ModelKind) -> &'static str {
    match model {
        ModelKind::Tiny => text::model_tiny(),
        ModelKind::Resnet9 => text::model_resnet9(),
        ModelKind::Xresnet18 => text::model_xresnet18(),
        ModelKind::Conv5 => text::model_conv5(),
    }
}

/// What a crop does.
fn crop_hint(crop: Crop) -> &'static str {
    match crop {
        Crop::Pad => text::model_crop_pad(),
        Crop::Resize => text::model_crop_resize(),
        Crop::Rrc => text::model_crop_rrc(),
        Crop::Aug => text::model_crop_aug(),
    }
}

/// What an engine choice means.
fn engine_hint(engine: EngineChoice) -> &'static str {
    match engine {
        EngineChoice::Auto => text::model_engine_auto(),
        EngineChoice::Webgpu => text::model_engine_webgpu(),
        EngineChoice::Cpu => text::model_engine_cpu(),
    }
}
