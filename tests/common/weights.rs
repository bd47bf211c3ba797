//! The first weights of every network, frozen: part of `v=1` on every target.

use imagenette_playground::experiment::ModelKind;
use imagenette_playground::model::NamedTensor;
use sha2::{Digest, Sha256};

/// The [`fingerprint`] of each network's weights for 10 classes and seed 42.
pub const FIRST_WEIGHTS: [(ModelKind, &str); 4] = [
    (ModelKind::Tiny, "42b615ddc6e4a493084391bb0fb55e4d315b45db226571a659d679fa18e6d1f2"),
    (ModelKind::Resnet9, "74dbeca88db11c26b25fe3d259302494aa8d0edde016eafe20a21fed057883d1"),
    (ModelKind::Xresnet18, "dd3d519415a946ad487d53953f6ab163f2638c114d4c47f5a1073fd1fbe25aab"),
    (ModelKind::Conv5, "fac384c5d1e829d78df1193aa46f202e5497d915309eb2cf0dfc161d4e324036"),
];

/// SHA-256 over the names and the bits of tensors.
pub fn fingerprint(tensors: &[NamedTensor]) -> String {
    let mut hash = Sha256::new();
    for tensor in tensors {
        hash.update(tensor.name.as_bytes());
        for value in &tensor.data {
            hash.update(value.to_le_bytes());
        }
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
