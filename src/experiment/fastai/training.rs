//! The learner of an experiment, its phases, and test-time augmentation.

use super::super::Experiment;
use super::network::{Groups, groups};

pub(super) fn training(experiment: &Experiment) -> String {
    let mut text = learner(experiment);
    for (index, phase) in experiment.phases().into_iter().enumerate() {
        if index > 0 {
            text.push_str(&format!("\nlearn.dls = get_dls({})\n", phase.size));
        }
        let lr = if index == 0 { "lr" } else { "lr/3" };
        text.push_str(&match (groups(experiment), phase.epochs) {
            (Groups::StemBodyAndHead(_), 0) => {
                format!("learn.freeze()\nlearn.fit_one_cycle(1, slice({lr}), pct_start=0.99)\n")
            }
            (Groups::StemBodyAndHead(_), epochs) => format!("learn.fine_tune({epochs}, {lr})\n"),
            (_, epochs) if index == 0 => format!("learn.fit_one_cycle({epochs}, {lr})\n"),
            (Groups::One, 0) => "learn.freeze()  # only clears Adam's averages: one group\n\
                 learn.fit_one_cycle(1, lr/3, pct_start=0.99)\n"
                .into(),
            (Groups::One, epochs) => format!("learn.fine_tune({epochs}, {lr})\n"),
            // fastai's fine_tune would give the body a hundredth of the learning rate.
            (Groups::BodyAndHead, epochs) => {
                let rest = format!("learn.fit_one_cycle({epochs}, lr/6, pct_start=0.3, div=5)\n");
                format!(
                    "learn.freeze()\nlearn.fit_one_cycle(1, lr/3, pct_start=0.99)\n\
                     learn.unfreeze()\n{}",
                    if epochs > 0 { rest } else { String::new() }
                )
            }
        });
    }
    text.push_str(&tta(experiment));
    text
}

fn learner(experiment: &Experiment) -> String {
    let mut text = String::new();
    let loss = if experiment.ls > 0.0 {
        // With smoothing the validation loss no longer compares with other runs.
        text.push_str("def nll(inp, targ): return F.cross_entropy(inp, targ)\n\n");
        format!("LabelSmoothingCrossEntropy(eps={})", experiment.ls)
    } else {
        "CrossEntropyLossFlat()".to_owned()
    };
    let metrics = if experiment.ls > 0.0 { "[accuracy, nll]" } else { "accuracy" };
    let size = experiment.phases().first().map_or(experiment.size, |phase| phase.size);
    text.push_str(&format!("lr = {}\ndls = get_dls({size})\n", experiment.lr));
    let mut arguments = vec![format!("loss_func={loss}"), format!("metrics={metrics}")];
    let mut callbacks = Vec::new();
    if experiment.mixup > 0.0 {
        callbacks.push(format!("MixUp({})", experiment.mixup));
    }
    if experiment.gbs > 0 {
        callbacks.push(format!("GradientAccumulation(n_acc={})", experiment.bs));
    }
    match callbacks.as_slice() {
        [] => {}
        [one] => arguments.push(format!("cbs={one}")),
        several => arguments.push(format!("cbs=[{}]", several.join(", "))),
    }
    if !matches!(groups(experiment), Groups::One) {
        arguments.push("splitter=groups".into());
    }
    text.push_str(&format!(
        "learn = Learner(dls, get_model(dls.c),\n    {})\n",
        arguments.join(", ")
    ));
    if let Some(hash) = &experiment.init {
        text.push_str(&format!(
            "# init: the weights of a saved model, whose SHA-256 is\n# {hash}.\n\
             # Its file is not one of fastai's; there learn.load(\"name\", with_opt=False) does this.\n"
        ));
    }
    text
}

fn tta(experiment: &Experiment) -> String {
    if experiment.tta == 0 {
        return String::new();
    }
    let how = if experiment.ttamax {
        "use_max=True".to_owned()
    } else {
        format!("beta={}", experiment.beta)
    };
    format!(
        "\npreds,targs = learn.tta(n={}, {how})\n\
         print(f\"TTA accuracy: {{accuracy(preds, targs).item():.6f}}\")\n",
        experiment.tta
    )
}
