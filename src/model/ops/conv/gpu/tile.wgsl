// One tile of a matrix multiplication: left[rows, terms] × right[terms, columns].
//
// The invocations of a workgroup copy DEPTH terms of both operands into workgroup memory,
// multiply them, and go on with the next DEPTH terms. The values of the next terms are
// loaded into registers before those of the present ones are multiplied, so that memory
// and arithmetic overlap. Neither matrix is ever written to memory as such: `left_quad`
// and `right_quad`, which the shader of each product defines, find the values in the
// tensors.
//
// An invocation computes 4 × HALVES rows and 4 columns. Its rows are a quarter of the tile
// apart, and so are its columns; the two halves of its rows are neighbouring quads. That
// way a quad of workgroup memory holds what one invocation needs, and neighbouring
// invocations read neighbouring quads.

struct Matrix {
    rows: u32,
    columns: u32,
    terms: u32,
}

const QUAD = vec4<u32>(0u, 1u, 2u, 3u);

var<workgroup> left_tile: array<vec4<f32>, DEPTH * LEFT_PITCH>;
var<workgroup> right_tile: array<vec4<f32>, DEPTH * RIGHT_PITCH>;

@compute @workgroup_size(INVOCATIONS)
fn main(
    @builtin(local_invocation_index) lane: u32,
    @builtin(workgroup_id) group: vec3<u32>,
) {
    let number = sizes.first_group + group.x;
    let matrix = matrix_sizes();
    let tiles_down = (matrix.rows + TILE_ROWS - 1u) / TILE_ROWS;
    let tiles_across = (matrix.columns + TILE_COLUMNS - 1u) / TILE_COLUMNS;
    // The terms of each sum are split into parts. This workgroup adds up one of them.
    let part = number / (tiles_down * tiles_across);
    if (part >= sizes.parts) { return; }
    let begin = part * sizes.part_terms;
    let end = min(begin + sizes.part_terms, matrix.terms);
    let first_row = number % tiles_down * TILE_ROWS;
    let first_column = number / tiles_down % tiles_across * TILE_COLUMNS;
    let down = lane / (TILE_COLUMNS / 4u);
    let across = lane % (TILE_COLUMNS / 4u);

    let anchor = right_anchor(matrix, lane, first_column);
    //#repeat half HALVES
    //#repeat part 4
    var sum_{half}_{part} = vec4<f32>();
    //#end
    //#end
    var at = begin;
    loop {
        //#repeat load LEFT_LOADS
        let left_{load} = left_quad(
            matrix, first_row + lane / DEPTH + {load}u * (INVOCATIONS / DEPTH), at + lane % DEPTH, end);
        //#end
        //#repeat load RIGHT_LOADS
        let right_{load} = right_quad(matrix, anchor, lane, {load}u, first_column, at, end);
        //#end
        if (at > begin) {
            for (var turn = 0u; turn < DEPTH; turn += STEPS) {
                //#repeat step STEPS
                {
                    let left = (turn + {step}u) * LEFT_PITCH + down;
                    let b = right_tile[(turn + {step}u) * RIGHT_PITCH + across];
                    //#repeat half HALVES
                    let a_{half} = left_tile[left + {half}u * (TILE_ROWS / 8u)];
                    //#repeat part 4
                    sum_{half}_{part} = fma(vec4<f32>(a_{half}[{part}]), b, sum_{half}_{part});
                    //#end
                    //#end
                }
                //#end
            }
        }
        if (at >= end) { break; }
        workgroupBarrier();
        //#repeat load LEFT_LOADS
        left_tile[lane % DEPTH * LEFT_PITCH + lane / DEPTH + {load}u * (INVOCATIONS / DEPTH)] = left_{load};
        //#end
        //#repeat load RIGHT_LOADS
        right_tile[right_place(lane, {load}u)] = right_{load};
        //#end
        workgroupBarrier();
        at += DEPTH;
    }

    //#repeat column 4
    {
        let column = first_column + across + {column}u * (TILE_COLUMNS / 4u);
        if (column < matrix.columns) {
            //#repeat half HALVES
            //#repeat part 4
            {
                let row = first_row + down + {half}u * (TILE_ROWS / 8u) + {part}u * (TILE_ROWS / 4u);
                if (row < matrix.rows) { out[out_place(matrix, part, row, column)] = sum_{half}_{part}[{column}]; }
            }
            //#end
            //#end
        }
    }
    //#end
}

// The taps of a kernel whose corner is in row `y` and column `x` of an image that lie inside
// it, as bits.
fn taps_inside(y: i32, x: i32) -> u32 {
    var line = 0u;
    //#repeat tap KERNEL
    line |= select(0u, 1u << {tap}u, (x + {tap} >= 0) & (x + {tap} < i32(sizes.width)));
    //#end
    var taps = 0u;
    //#repeat tap KERNEL
    taps |= select(0u, line << ({tap}u * KERNEL), (y + {tap} >= 0) & (y + {tap} < i32(sizes.height)));
    //#end
    return taps;
}
