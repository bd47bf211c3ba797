// The average under one window.

fn compute(index: u32) {
    let column = index % sizes.out_width;
    let row = index / sizes.out_width % sizes.out_height;
    let plane = index / (sizes.out_width * sizes.out_height) * sizes.height * sizes.width;
    let window = window_at(row, column);
    var sum = 0.0;
    for (var y = window.top; y < window.bottom; y++) {
        for (var x = window.left; x < window.right; x++) { sum += input[plane + y * sizes.width + x]; }
    }
    out[index] = sum / area(window);
}
