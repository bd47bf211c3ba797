//! Targets: what label smoothing and mixup ask of the network for one image,
//! for any number of classes and any ε.

use super::super::fields::{CheckField, Choice, RangeField, SelectField};
use super::bars::{BarsProps, LabelledBar, bar_list};
use crate::app::Action;
use crate::inspect::target::{Target, Term, shown};
use crate::number;
use crate::text::{self, capital};
use crate::ui::parts::{hint, quiet};
use yew::prelude::*;

/// Classes that can be shown.
const CLASSES: (usize, usize) = (2, 20);
/// fastai's ε, shown while the experiment has none.
const USUAL_EPS: f64 = 0.1;
/// λ to begin with.
const LAMBDA: f64 = 0.7;

/// Indices as values of a list of choices.
const INDICES: [&str; CLASSES.1] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
    "17", "18", "19",
];

/// Properties of [`Targets`].
#[derive(Clone, PartialEq, Properties)]
pub struct TargetsProps {
    /// The experiment's ε; 0 while label smoothing is off.
    pub eps: f64,
    /// The experiment mixes.
    pub mixup: bool,
    /// The classes of the data set, if it is there.
    pub names: Vec<String>,
    /// Hears an ε that the experiment shall have.
    pub on: Callback<Action>,
}

/// The instrument.
#[component]
pub fn Targets(props: &TargetsProps) -> Html {
    let TargetsProps { eps: set, mixup, names, on } = props;
    let number = use_state(|| if names.is_empty() { 10 } else { names.len() });
    let eps = use_state(|| usual(*set));
    let label = use_state(|| 0usize);
    let asked = use_state(|| 1usize);
    let mixing = use_state(|| *mixup);
    let other = use_state(|| 1usize);
    let lambda = use_state(|| LAMBDA);
    {
        // The switches of the experiment are followed; what is dragged here stays here.
        let (eps, mixing) = (eps.setter(), mixing.setter());
        use_effect_with((*set, *mixup), move |(set, mixup)| {
            eps.set(usual(*set));
            mixing.set(*mixup);
        });
    }
    let classes = (*number).clamp(CLASSES.0, CLASSES.1);
    let within = |index: usize| index.min(classes - 1);
    let (label_at, asked_at, other_at) = (within(*label), within(*asked), within(*other));
    let target = Target {
        classes,
        eps: *eps,
        label: label_at as u8,
        mixed: mixing.then_some((other_at as u8, *lambda)),
    };
    let named = |index: usize| match names.get(index).filter(|_| names.len() == classes) {
        Some(name) => format!("{index} {name}"),
        None => text::targets_class(&index.to_string()),
    };
    let row = target.row();
    let bars: Vec<LabelledBar> = row
        .iter()
        .enumerate()
        .map(|(index, &value)| LabelledBar {
            name: named(index).into(),
            value: f64::from(value),
            text: format!("{:.4}", f64::from(value)).into(),
            mark: match &target.mixed {
                _ if index == label_at => Some(text::targets_label().into()),
                Some((other, _)) if index == usize::from(*other) => {
                    Some(text::targets_mixed_in().into())
                }
                _ => None,
            },
        })
        .collect();
    let choices: Vec<Choice> = INDICES
        .into_iter()
        .take(classes)
        .enumerate()
        .map(|(index, value)| Choice::new(value, named(index)))
        .collect();
    let choose = |state: &UseStateHandle<usize>| {
        let state = state.clone();
        Callback::from(move |value: String| state.set(value.parse().unwrap_or(0)))
    };
    let drag = |state: &UseStateHandle<f64>| {
        let state = state.clone();
        Callback::from(move |value: String| {
            if let Some(value) = number::read(&value) {
                state.set(value);
            }
        })
    };
    let current = if *set > 0.0 { shown(*set) } else { text::targets_off().to_owned() };
    let take = {
        let (on, eps) = (on.clone(), *eps);
        move |_: MouseEvent| on.emit(Action::Set { key: "ls", value: shown(eps) })
    };
    html! {
        <div class="targets">
            <div class="targets-controls">
                <RangeField
                    id="targets-classes" label={text::targets_classes()} value={classes as f64}
                    min={CLASSES.0 as f64} max={CLASSES.1 as f64} step={1.0} live={true} on_change={choose(&number)}
                />
                <RangeField
                    id="targets-eps" label={text::targets_eps()} value={*eps}
                    min={0.0} max={0.5} step={0.01} live={true} on_change={drag(&eps)}
                />
                if (*eps - set).abs() > 1e-9 {
                    { quiet(text::targets_use(&shown(*eps), &current), take) }
                }
                <SelectField
                    id="targets-label" label={text::targets_image_label()} choices={choices.clone()}
                    value={INDICES[label_at]} on_change={choose(&label)}
                />
                <CheckField
                    id="targets-mixing" label={text::targets_mix()} checked={*mixing}
                    on_change={let mixing = mixing.clone(); move |on| mixing.set(on)}
                />
                if *mixing {
                    <SelectField
                        id="targets-other" label={text::targets_second_label()} choices={choices.clone()}
                        value={INDICES[other_at]} on_change={choose(&other)}
                    />
                    <RangeField
                        id="targets-lambda" label={text::targets_lambda()} value={*lambda}
                        min={0.5} max={1.0} step={0.01} live={true} on_change={drag(&lambda)}
                    />
                }
                <SelectField
                    id="targets-asked" label={text::targets_ask()} {choices}
                    value={INDICES[asked_at]} on_change={choose(&asked)}
                />
                <p class="targets-answer" role="status">{ answer(&target, &named(asked_at), asked_at, &row) }</p>
            </div>
            { bar_list(&BarsProps { caption: caption(&target).into(), header: [text::targets_column_class().into(), text::targets_column_target().into()], bars, file: "targets".into() }) }
            <div class="targets-words">
                <ul class="formulas">{ for target.terms().iter().map(formula) }</ul>
                { hint(floor_text(&target)) }
                if *mixing {
                    { hint(text::targets_mix_hint()) }
                }
            </div>
        </div>
    }
}

fn usual(eps: f64) -> f64 {
    if eps > 0.0 { eps } else { USUAL_EPS }
}

fn caption(target: &Target) -> String {
    let classes = target.classes.to_string();
    let caption = match target.eps {
        0.0 => text::targets_caption_plain(&classes),
        eps => text::targets_caption(&classes, &shown(eps)),
    };
    match target.mixed {
        Some((_, lambda)) => text::targets_caption_mixed(&caption, &shown(lambda)),
        None => caption,
    }
}

/// What the questionnaire asks: the target of one class.
fn answer(target: &Target, name: &str, asked: usize, row: &[f32]) -> String {
    let value = shown(f64::from(row.get(asked).copied().unwrap_or_default()));
    match target.mixed {
        _ if asked == usize::from(target.label) => text::targets_answer_right(name, &value),
        Some((other, _)) if asked == usize::from(other) => text::targets_answer_mixed(name, &value),
        _ => text::targets_answer_wrong(name, &value),
    }
}

fn formula(term: &Term) -> Html {
    html! {
        <li>
            <span>{ format!("{}: ", capital(&term.of)) }</span>
            <span class="numbers">{ format!("{} = {} = {}", term.formula, term.numbers, shown(term.value)) }</span>
        </li>
    }
}

fn floor_text(target: &Target) -> String {
    let floor = target.floor();
    if floor == 0.0 {
        return text::targets_floor_zero().into();
    }
    text::targets_floor(&format!("{floor:.4}"))
}
