// The gradient of one pixel: its share of that of every window over it.

fn compute(index: u32) {
    let x = index % sizes.width;
    let y = index / sizes.width % sizes.height;
    let plane = index / (sizes.width * sizes.height) * sizes.out_height;
    let over = windows_over(y, x);
    var sum = 0.0;
    for (var row = over.top; row <= over.bottom; row++) {
        for (var column = over.left; column <= over.right; column++) {
            sum += gradient[(plane + row) * sizes.out_width + column] / area(window_at(row, column));
        }
    }
    out[index] = sum;
}
