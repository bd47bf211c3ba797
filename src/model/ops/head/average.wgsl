// The average of each channel of each image.

fn compute(index: u32) {
    let first = index * sizes.pixels;
    var sum = 0.0;
    for (var n = 0u; n < sizes.pixels; n++) { sum += features[first + n]; }
    averages[index] = sum / f32(sizes.pixels);
}
