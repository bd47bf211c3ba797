// The gradient of one value of the weight or, in the row after the last channel, of the bias.

fn compute(index: u32) {
    let class_index = index % sizes.classes;
    let channel = index / sizes.classes;
    let is_bias = channel == sizes.channels;
    let c = min(channel, sizes.channels - 1u);
    var sum = 0.0;
    for (var b = 0u; b < sizes.batch; b++) {
        let average = select(averages[b * sizes.channels + c], 1.0, is_bias);
        sum += average * gradient[b * sizes.classes + class_index];
    }
    if (is_bias) { for_bias[class_index] = sum; } else { for_weight[index] = sum; }
}
