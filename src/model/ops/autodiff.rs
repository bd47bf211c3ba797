//! The common part of our operations' backward passes.

use burn::backend::Autodiff;
use burn::backend::Backend;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use std::fmt::Debug;
use std::marker::PhantomData;

/// The values that an operation of `N` inputs saves in its forward pass for its backward pass.
pub(crate) trait Saved<B: Backend, const N: usize>: Clone + Debug + Send + 'static {
    /// The gradients of the inputs, from that of the output. Those that are not `wanted`
    /// may be `None`.
    fn gradients(self, gradient: FloatTensor<B>, wanted: [bool; N]) -> [Option<FloatTensor<B>>; N];
}

/// The backward pass of the operation that saves an `S`.
#[derive(Debug)]
struct BackwardOf<S>(PhantomData<S>);

impl<B: Backend, S: Saved<B, N>, const N: usize> Backward<B, N> for BackwardOf<S> {
    type State = S;

    fn backward(self, ops: Ops<S, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = ops.state.gradients(gradient, wanted);
        for (node, found) in ops.parents.into_iter().zip(found) {
            if let (Some(node), Some(found)) = (node, found) {
                gradients.register::<B>(node.id, found);
            }
        }
    }
}

/// `output` as a result of the inputs at `nodes`, whose gradients are computed from `saved`.
pub(crate) fn differentiable<B: Backend, C: CheckpointStrategy, S: Saved<B, N>, const N: usize>(
    nodes: [NodeGuard; N],
    output: FloatTensor<B>,
    saved: S,
) -> FloatTensor<Autodiff<B, C>> {
    let backward = BackwardOf::<S>(PhantomData);
    match Backward::<B, N>::prepare::<C>(backward, nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(saved, output),
        OpsKind::UnTracked(prepared) => prepared.finish(output),
    }
}
