// The gradient of one pixel in one channel of the features: the same for all pixels.

fn compute(index: u32) {
    let plane = index / sizes.pixels;
    let weights = plane % sizes.channels * sizes.classes;
    let row = plane / sizes.channels * sizes.classes;
    var sum = 0.0;
    for (var n = 0u; n < sizes.classes; n++) { sum += weight[weights + n] * gradient[row + n]; }
    out[index] = sum / f32(sizes.pixels);
}
