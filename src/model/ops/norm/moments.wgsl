// Mean and biased variance of a channel, and what becomes of its running statistics. Values
// are taken relative to the channel's first one, so that no digits are lost where they are large
// and close together.

fn origin(channel: u32) -> vec2<f32> {
    return vec2<f32>(input[channel * sizes.pixels], 0.0);
}

fn terms(at: u32, origin: vec2<f32>) -> vec2<f32> {
    let value = input[at] - origin.x;
    return vec2<f32>(value, value * value);
}

fn finish(channel: u32, origin: vec2<f32>, sum: vec2<f32>) {
    let count = f32(sizes.batch * sizes.pixels);
    let offset = sum.x / count;
    let variance = max(sum.y / count - offset * offset, 0.0);
    moments[channel] = origin.x + offset;
    moments[sizes.channels + channel] = variance;
    new_running_mean[channel] = running_mean[channel] * KEEP + (origin.x + offset) * MOMENTUM;
    // Unbiased, as in PyTorch; a single value leaves it as it was.
    let unbiased = variance * count / max(count - 1.0, 1.0);
    let old = running_variance[channel];
    new_running_variance[channel] = select(old, old * KEEP + unbiased * MOMENTUM, count > 1.0);
}
