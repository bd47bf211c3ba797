// The gradient of a convolution's input as a matrix multiplication:
// rows are input channels, columns input pixels, terms output channels × kernel taps.

fn matrix_sizes() -> Matrix {
    return Matrix(
        sizes.in_channels,
        sizes.batch * sizes.height * sizes.width,
        sizes.out_channels * TAPS,
    );
}

// Weights of four input channels.
fn left_quad(matrix: Matrix, row: u32, term: u32, end: u32) -> vec4<f32> {
    let rows = vec4<u32>(row) + QUAD * (TILE_ROWS / 4u);
    let inside = (rows < vec4<u32>(matrix.rows)) & vec4<bool>(term < end);
    let first = term / TAPS * sizes.in_channels * TAPS + term % TAPS;
    let at = select(vec4<u32>(), rows * TAPS + first, inside);
    let values = vec4<f32>(weight[at.x], weight[at.y], weight[at.z], weight[at.w]);
    return select(vec4<f32>(), values, inside);
}

// For each of four input pixels: the output pixel that sees it with the kernel's first tap, or
// would see it, in the first channel; and with which taps an output pixel sees it, as bits.
struct Anchor {
    corner: vec4<i32>,
    taps: vec4<u32>,
}

fn right_anchor(matrix: Matrix, lane: u32, first_column: u32) -> Anchor {
    let columns = vec4<u32>(first_column + lane % QUADS) + QUAD * QUADS;
    let pixels = sizes.height * sizes.width;
    let image = columns / pixels;
    let pixel = columns % pixels;
    let y = vec4<i32>(pixel / sizes.width + PADDING);
    let x = vec4<i32>(pixel % sizes.width + PADDING);
    let plane = sizes.out_height * sizes.out_width;
    let corner = vec4<i32>(image * sizes.out_channels * plane)
        + y / i32(STRIDE) * i32(sizes.out_width) + x / i32(STRIDE);
    var taps = vec4<u32>();
    for (var part = 0u; part < 4u; part++) {
        if (columns[part] < matrix.columns) { taps[part] = taps_seeing(y[part], x[part]); }
    }
    return Anchor(corner, taps);
}

// The output's gradient in one channel where one tap sees four input pixels.
fn right_quad(
    matrix: Matrix, anchor: Anchor, lane: u32, load: u32, first_column: u32, at: u32, end: u32,
) -> vec4<f32> {
    let term = at + lane / QUADS + load * (INVOCATIONS / QUADS);
    let channel = term / TAPS;
    let tap = term % TAPS;
    let offset = i32(channel * sizes.out_height * sizes.out_width)
        - i32(tap / KERNEL / STRIDE * sizes.out_width + tap % KERNEL / STRIDE);
    let inside = (((anchor.taps >> vec4<u32>(tap)) & vec4<u32>(1u)) == vec4<u32>(1u)) & vec4<bool>(term < end);
    let places = select(vec4<u32>(), vec4<u32>(anchor.corner + offset), inside);
    let values = vec4<f32>(gradient[places.x], gradient[places.y], gradient[places.z], gradient[places.w]);
    return select(vec4<f32>(), values, inside);
}

// Where in the workgroup's memory that goes.
fn right_place(lane: u32, load: u32) -> u32 {
    return (lane / QUADS + load * (INVOCATIONS / QUADS)) * RIGHT_PITCH + lane % QUADS;
}

fn out_place(matrix: Matrix, part: u32, row: u32, column: u32) -> u32 {
    let pixels = sizes.height * sizes.width;
    return part * matrix.rows * matrix.columns
        + (column / pixels * matrix.rows + row) * pixels + column % pixels;
}

// The taps with which output pixels see the padded input's pixel in row `y` and column `x`,
// as bits.
fn taps_seeing(y: i32, x: i32) -> u32 {
    var line = 0u;
    //#repeat tap KERNEL
    line |= select(0u, 1u << {tap}u, sees(x - {tap}, sizes.out_width));
    //#end
    var taps = 0u;
    //#repeat tap KERNEL
    taps |= select(0u, line << ({tap}u * KERNEL), sees(y - {tap}, sizes.out_height));
    //#end
    return taps;
}

// Whether one of `count` windows begins at `start`.
fn sees(start: i32, count: u32) -> bool {
    return (start >= 0) & (start % i32(STRIDE) == 0) & (start / i32(STRIDE) < i32(count));
}
