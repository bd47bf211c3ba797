// The gradient of a convolution's weights as a matrix multiplication:
// rows are output channels, columns input channels × kernel taps, terms output pixels.

fn matrix_sizes() -> Matrix {
    return Matrix(
        sizes.out_channels,
        sizes.in_channels * TAPS,
        sizes.batch * sizes.out_height * sizes.out_width,
    );
}

// The output's gradient in four channels.
fn left_quad(matrix: Matrix, row: u32, term: u32, end: u32) -> vec4<f32> {
    let rows = vec4<u32>(row) + QUAD * (TILE_ROWS / 4u);
    let inside = (rows < vec4<u32>(matrix.rows)) & vec4<bool>(term < end);
    let pixels = sizes.out_height * sizes.out_width;
    let first = term / pixels * sizes.out_channels * pixels + term % pixels;
    let at = select(vec4<u32>(), rows * pixels + first, inside);
    let values = vec4<f32>(gradient[at.x], gradient[at.y], gradient[at.z], gradient[at.w]);
    return select(vec4<f32>(), values, inside);
}

// Every step has other pixels, so that nothing can be prepared.
struct Anchor {
    unused: u32,
}

fn right_anchor(matrix: Matrix, lane: u32, first_column: u32) -> Anchor {
    return Anchor(0u);
}

// What four pairs of input channel and tap see at one output pixel.
fn right_quad(
    matrix: Matrix, anchor: Anchor, lane: u32, load: u32, first_column: u32, at: u32, end: u32,
) -> vec4<f32> {
    let term = at + lane % DEPTH;
    let pixels = sizes.out_height * sizes.out_width;
    let image = term / pixels;
    let pixel = term % pixels;
    let y = i32(pixel / sizes.out_width * STRIDE) - i32(PADDING);
    let x = i32(pixel % sizes.out_width * STRIDE) - i32(PADDING);
    let plane = sizes.height * sizes.width;
    let corner = i32(image * sizes.in_channels * plane) + y * i32(sizes.width) + x;
    let taps = taps_inside(y, x);
    let columns = vec4<u32>(first_column + lane / DEPTH + load * (INVOCATIONS / DEPTH)) + QUAD * QUADS;
    let channel = columns / TAPS;
    let tap = columns % TAPS;
    let inside = (((vec4<u32>(taps) >> tap) & vec4<u32>(1u)) == vec4<u32>(1u))
        & (columns < vec4<u32>(matrix.columns)) & vec4<bool>(term < end);
    let offset = channel * plane + tap / KERNEL * sizes.width + tap % KERNEL;
    let places = select(vec4<u32>(), vec4<u32>(vec4<i32>(offset) + corner), inside);
    let values = vec4<f32>(input[places.x], input[places.y], input[places.z], input[places.w]);
    return select(vec4<f32>(), values, inside);
}

// Where in the workgroup's memory that goes.
fn right_place(lane: u32, load: u32) -> u32 {
    return lane % DEPTH * RIGHT_PITCH + lane / DEPTH + load * (INVOCATIONS / DEPTH);
}

fn out_place(matrix: Matrix, part: u32, row: u32, column: u32) -> u32 {
    return (part * matrix.rows + row) * matrix.columns + column;
}
