//! The network of an experiment in fastai's layers, and how it is split where the
//! warm-up freezes it.

use super::super::{Experiment, ModelKind};

pub(super) fn network(experiment: &Experiment) -> String {
    let mut text = match experiment.model {
        ModelKind::Tiny => resnet9(8),
        ModelKind::Resnet9 => resnet9(32),
        ModelKind::Xresnet18 => {
            "def get_model(n_out): return xresnet18(n_out=n_out, widen=0.5)\n".into()
        }
        ModelKind::Conv5 => "def get_model(n_out):\n    \
                widths = [3,16,32,64,128,256]\n    \
                model = nn.Sequential(\n        \
                    *[ConvLayer(ni, nf, stride=2) for ni,nf in zip(widths, widths[1:])],\n        \
                    AdaptiveAvgPool(1), Flatten(), nn.Linear(256, n_out))\n    \
                init_cnn(model)\n    \
                return model\n"
            .into(),
    };
    match groups(experiment) {
        Groups::One => {}
        Groups::BodyAndHead => text.push_str(
            "\n\
             # Two groups, so that freeze() has something to freeze: the body's convolutions. Its\n\
             # batch norms go on training, as fastai's train_bn=True says.\n\
             def groups(m): return L(nn.Sequential(*list(m.children())[:-1]), m[-1]).map(params)\n",
        ),
        Groups::StemBodyAndHead(stem) => text.push_str(&format!(
            "\n\
             # Three groups, as vision_learner has: freeze() stops the first two but for their batch\n\
             # norms, and fine_tune spreads the learning rates over all of them.\n\
             def groups(m):\n    \
                 layers = list(m.children())\n    \
                 return L(nn.Sequential(*layers[:{stem}]), nn.Sequential(*layers[{stem}:-1]), m[-1]).map(params)\n"
        )),
    }
    text.push('\n');
    text
}

/// How the parameters are grouped.
pub(super) enum Groups {
    /// As a plain `Learner` does: `freeze` then freezes nothing.
    One,
    /// What [`Experiment::freeze`] freezes, and the head.
    BodyAndHead,
    /// fastai's three groups; the number of layers of the stem.
    StemBodyAndHead(u32),
}

pub(super) fn groups(experiment: &Experiment) -> Groups {
    if experiment.ft {
        let stem = if experiment.model == ModelKind::Xresnet18 { 3 } else { 2 };
        Groups::StemBodyAndHead(stem)
    } else if experiment.freeze && experiment.prog.len() > 1 {
        Groups::BodyAndHead
    } else {
        Groups::One
    }
}

/// A ResNet-9 with a stem of `width` channels.
fn resnet9(width: u32) -> String {
    format!(
        "class Residual(Module):\n    \
             def __init__(self, nf): self.convs = nn.Sequential(ConvLayer(nf, nf), ConvLayer(nf, nf))\n    \
             def forward(self, x): return x + self.convs(x)\n\n\
         def get_model(n_out, w={width}):\n    \
             model = nn.Sequential(\n        \
                 ConvLayer(3, w, stride=2), ConvLayer(w, 2*w), MaxPool(2), Residual(2*w),\n        \
                 ConvLayer(2*w, 4*w), MaxPool(2),\n        \
                 ConvLayer(4*w, 8*w), MaxPool(2), Residual(8*w),\n        \
                 AdaptiveAvgPool(1), Flatten(), nn.Linear(8*w, n_out))\n    \
             init_cnn(model)\n    \
             return model\n"
    )
}
