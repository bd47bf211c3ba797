// NEIGHBOURS values of the output.

fn compute(index: u32) {
    let at = index * NEIGHBOURS;
    let channel = at / sizes.pixels % sizes.channels;
    let mean = moments[channel];
    let scale = inverseSqrt(moments[sizes.channels + channel] + EPSILON) * gamma[channel];
    let shift = beta[channel];
    //#repeat n NEIGHBOURS
    out[at + {n}u] = activation((input[at + {n}u] - mean) * scale + shift);
    //#end
}
