// The gradient of NEIGHBOURS values of the input.

fn compute(index: u32) {
    let at = index * NEIGHBOURS;
    let channel = at / sizes.pixels % sizes.channels;
    let count = f32(sizes.batch * sizes.pixels);
    let mean = moments[channel];
    let scale = inverseSqrt(moments[sizes.channels + channel] + EPSILON);
    let slope = scale * gamma[channel];
    let gamma_mean = gamma_gradient[channel] / count;
    let beta_mean = beta_gradient[channel] / count;
    //#repeat n NEIGHBOURS
    let gradient_{n} = select(0.0, gradient[at + {n}u], passes(at + {n}u));
    out[at + {n}u] = slope * (gradient_{n} - beta_mean - (input[at + {n}u] - mean) * scale * gamma_mean);
    //#end
}
