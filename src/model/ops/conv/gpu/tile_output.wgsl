// The output of a convolution as a matrix multiplication:
// rows are output channels, columns output pixels, terms input channels × kernel taps.

fn matrix_sizes() -> Matrix {
    return Matrix(
        sizes.out_channels,
        sizes.batch * sizes.out_height * sizes.out_width,
        sizes.in_channels * TAPS,
    );
}

// Weights of four output channels.
fn left_quad(matrix: Matrix, row: u32, term: u32, end: u32) -> vec4<f32> {
    let rows = vec4<u32>(row) + QUAD * (TILE_ROWS / 4u);
    let inside = (rows < vec4<u32>(matrix.rows)) & vec4<bool>(term < end);
    let at = select(vec4<u32>(), rows * matrix.terms + term, inside);
    let values = vec4<f32>(weight[at.x], weight[at.y], weight[at.z], weight[at.w]);
    return select(vec4<f32>(), values, inside);
}

// For each of four output pixels: where the tap in the corner of the kernel lies in the first
// channel of its image, and which taps lie inside the image, as bits.
struct Anchor {
    corner: vec4<i32>,
    taps: vec4<u32>,
}

fn right_anchor(matrix: Matrix, lane: u32, first_column: u32) -> Anchor {
    let columns = vec4<u32>(first_column + lane % QUADS) + QUAD * QUADS;
    let pixels = sizes.out_height * sizes.out_width;
    let image = columns / pixels;
    let pixel = columns % pixels;
    let y = vec4<i32>(pixel / sizes.out_width * STRIDE) - i32(PADDING);
    let x = vec4<i32>(pixel % sizes.out_width * STRIDE) - i32(PADDING);
    let plane = sizes.height * sizes.width;
    let corner = vec4<i32>(image * sizes.in_channels * plane) + y * i32(sizes.width) + x;
    var taps = vec4<u32>();
    for (var part = 0u; part < 4u; part++) {
        if (columns[part] < matrix.columns) { taps[part] = taps_inside(y[part], x[part]); }
    }
    return Anchor(corner, taps);
}

// What one tap sees in one input channel at four output pixels.
fn right_quad(
    matrix: Matrix, anchor: Anchor, lane: u32, load: u32, first_column: u32, at: u32, end: u32,
) -> vec4<f32> {
    let term = at + lane / QUADS + load * (INVOCATIONS / QUADS);
    let channel = term / TAPS;
    let tap = term % TAPS;
    let offset = channel * sizes.height * sizes.width + tap / KERNEL * sizes.width + tap % KERNEL;
    let inside = (((anchor.taps >> vec4<u32>(tap)) & vec4<u32>(1u)) == vec4<u32>(1u)) & vec4<bool>(term < end);
    let places = select(vec4<u32>(), vec4<u32>(anchor.corner + i32(offset)), inside);
    let values = vec4<f32>(input[places.x], input[places.y], input[places.z], input[places.w]);
    return select(vec4<f32>(), values, inside);
}

// Where in the workgroup's memory that goes.
fn right_place(lane: u32, load: u32) -> u32 {
    return (lane / QUADS + load * (INVOCATIONS / QUADS)) * RIGHT_PITCH + lane % QUADS;
}

fn out_place(matrix: Matrix, part: u32, row: u32, column: u32) -> u32 {
    let pixels = sizes.out_height * sizes.out_width;
    return part * matrix.rows * matrix.columns
        + (column / pixels * matrix.rows + row) * pixels + column % pixels;
}
