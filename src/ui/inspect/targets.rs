//! Targets: what label smoothing and mixup ask of the network for one image,
//! for any number of classes and any ε.

use super::super::fields::{CheckField, Choice, RangeField, SelectField};
use super::bars::{BarsProps, LabelledBar, bar_list};
use crate::app::Action;
use crate::inspect::target::{Target, Term, shown};
use crate::number;
use crate::text::capital;
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
        None => format!("class {index}"),
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
                _ if index == label_at => Some("label".into()),
                Some((other, _)) if index == usize::from(*other) => Some("mixed in".into()),
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
    let take = {
        let (on, eps) = (on.clone(), *eps);
        move |_: MouseEvent| on.emit(Action::Set { key: "ls", value: shown(eps) })
    };
    html! {
        <div class="targets">
            <div class="targets-controls">
                <RangeField
                    id="targets-classes" label="Classes, N" value={classes as f64}
                    min={CLASSES.0 as f64} max={CLASSES.1 as f64} step={1.0} live={true} on_change={choose(&number)}
                />
                <RangeField
                    id="targets-eps" label="Label smoothing, ε" value={*eps}
                    min={0.0} max={0.5} step={0.01} live={true} on_change={drag(&eps)}
                />
                if (*eps - set).abs() > 1e-9 {
                    { quiet(format!("Train with ε = {} (now {})", shown(*eps), if *set > 0.0 { shown(*set) } else { "off".into() }), take) }
                }
                <SelectField
                    id="targets-label" label="The image’s label" choices={choices.clone()}
                    value={INDICES[label_at]} on_change={choose(&label)}
                />
                <CheckField
                    id="targets-mixing" label="Mixed with a second image" checked={*mixing}
                    on_change={let mixing = mixing.clone(); move |on| mixing.set(on)}
                />
                if *mixing {
                    <SelectField
                        id="targets-other" label="The second image’s label" choices={choices.clone()}
                        value={INDICES[other_at]} on_change={choose(&other)}
                    />
                    <RangeField
                        id="targets-lambda" label="Weight of the first image, λ" value={*lambda}
                        min={0.5} max={1.0} step={0.01} live={true} on_change={drag(&lambda)}
                    />
                }
                <SelectField
                    id="targets-asked" label="Ask for the target of" {choices}
                    value={INDICES[asked_at]} on_change={choose(&asked)}
                />
                <p class="targets-answer" role="status">{ answer(&target, &named(asked_at), asked_at, &row) }</p>
            </div>
            { bar_list(&BarsProps { caption: caption(&target).into(), header: ["class".into(), "target".into()], bars, file: "targets".into() }) }
            <div class="targets-words">
                <ul class="formulas">{ for target.terms().iter().map(formula) }</ul>
                { hint(floor_text(&target)) }
                if *mixing {
                    { hint("fastai draws λ from a Beta distribution for every image and lets the larger part be the \
                           image’s own, so that λ is never below 0.5. Smoothing and mixing in either order give the \
                           same target.") }
                }
            </div>
        </div>
    }
}

fn usual(eps: f64) -> f64 {
    if eps > 0.0 { eps } else { USUAL_EPS }
}

fn caption(target: &Target) -> String {
    let smoothing = match target.eps {
        0.0 => "without label smoothing".to_owned(),
        eps => format!("ε = {}", shown(eps)),
    };
    let mixture = target.mixed.map(|(_, lambda)| format!(", λ = {}", shown(lambda)));
    format!("Target of {} classes, {smoothing}{}", target.classes, mixture.unwrap_or_default())
}

/// What the questionnaire asks: the target of one class.
fn answer(target: &Target, name: &str, asked: usize, row: &[f32]) -> String {
    let kind = match target.mixed {
        _ if asked == usize::from(target.label) => "the right class",
        Some((other, _)) if asked == usize::from(other) => "the class of the mixed-in image",
        _ => "a wrong class",
    };
    let value = row.get(asked).copied().unwrap_or_default();
    format!("{name} is {kind}: its target is {}.", shown(f64::from(value)))
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
        return "The loss can come down to 0: a prediction that is sure of the label.".into();
    }
    format!(
        "The loss cannot come below {floor:.4}, the entropy of this target: that is what a \
         prediction equal to the target costs. A prediction that is surer than the target costs more."
    )
}
