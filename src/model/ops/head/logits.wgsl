// One logit of one image.

fn compute(index: u32) {
    let class_index = index % sizes.classes;
    let row = index / sizes.classes * sizes.channels;
    var sum = bias[class_index];
    for (var c = 0u; c < sizes.channels; c++) {
        sum += averages[row + c] * weight[c * sizes.classes + class_index];
    }
    logits[index] = sum;
}
