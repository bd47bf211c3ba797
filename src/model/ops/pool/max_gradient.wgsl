// The gradient of one pixel: that of every window of which it is the maximum, and the first
// one among equals.

fn compute(index: u32) {
    let x = index % sizes.width;
    let y = index / sizes.width % sizes.height;
    let plane = index / (sizes.width * sizes.height);
    let over = windows_over(y, x);
    var sum = 0.0;
    for (var row = over.top; row <= over.bottom; row++) {
        for (var column = over.left; column <= over.right; column++) {
            let at = (plane * sizes.out_height + row) * sizes.out_width + column;
            let window = window_at(row, column);
            var first = input[index] == output[at];
            for (var v = window.top; v <= y; v++) {
                for (var u = window.left; u < window.right; u++) {
                    let before = (v < y) | (u < x);
                    let value = input[(plane * sizes.height + v) * sizes.width + u];
                    first = first & !(before & (value == output[at]));
                }
            }
            sum += select(0.0, gradient[at], first);
        }
    }
    out[index] = sum;
}
