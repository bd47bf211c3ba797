// Adam's step for one value. `factors` are those of `Factors::values`, in its order.

fn compute(index: u32) {
    let g = gradient[index];
    let m = past_mean(index) + g * factors[2];
    let v = past_square(index) + g * g * SQR_NEW;
    new_mean[index] = m;
    new_square[index] = v;
    new_value[index] = value[index] * factors[0] - m * factors[3] / (sqrt(v / factors[4]) + EPS);
}
