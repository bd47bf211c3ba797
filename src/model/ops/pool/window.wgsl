
// The pixels under a window; the last row and column are not among them.
struct Window {
    top: u32,
    bottom: u32,
    left: u32,
    right: u32,
}

fn window_at(row: u32, column: u32) -> Window {
    return Window(
        max(row * STRIDE, PADDING) - PADDING,
        min(row * STRIDE + KERNEL - PADDING, sizes.height),
        max(column * STRIDE, PADDING) - PADDING,
        min(column * STRIDE + KERNEL - PADDING, sizes.width),
    );
}

fn area(window: Window) -> f32 {
    return f32((window.bottom - window.top) * (window.right - window.left));
}

// The windows over the pixel in row `y` and column `x`, as rows and columns of the output; the
// last ones are among them. They begin less than a kernel before the pixel.
fn windows_over(y: u32, x: u32) -> Window {
    return Window(
        (max(y + PADDING + STRIDE, KERNEL) - KERNEL) / STRIDE,
        min((y + PADDING) / STRIDE, sizes.out_height - 1u),
        (max(x + PADDING + STRIDE, KERNEL) - KERNEL) / STRIDE,
        min((x + PADDING) / STRIDE, sizes.out_width - 1u),
    );
}
