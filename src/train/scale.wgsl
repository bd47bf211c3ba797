// One value times a factor.

fn compute(index: u32) {
    out[index] = gradient[index] * factor[0];
}
