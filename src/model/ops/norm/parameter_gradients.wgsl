// The gradients of a channel's gamma and beta.

fn origin(channel: u32) -> vec2<f32> {
    return vec2<f32>(moments[channel], inverseSqrt(moments[sizes.channels + channel] + EPSILON));
}

fn terms(at: u32, origin: vec2<f32>) -> vec2<f32> {
    let gradient_here = select(0.0, gradient[at], passes(at));
    return vec2<f32>(gradient_here * (input[at] - origin.x) * origin.y, gradient_here);
}

fn finish(channel: u32, origin: vec2<f32>, sum: vec2<f32>) {
    gamma_gradient[channel] = sum.x;
    beta_gradient[channel] = sum.y;
}
