// The mean cross-entropy of a batch and its gradient, by one workgroup: each invocation has
// some rows.

var<workgroup> sums: array<f32, INVOCATIONS>;

@compute @workgroup_size(INVOCATIONS)
fn main(@builtin(local_invocation_index) lane: u32) {
    var mine = 0.0;
    for (var row = lane; row < sizes.batch; row += INVOCATIONS) {
        let first = row * sizes.classes;
        var most = logits[first];
        for (var k = 1u; k < sizes.classes; k++) { most = max(most, logits[first + k]); }
        var sum = 0.0;
        for (var k = 0u; k < sizes.classes; k++) { sum += exp(logits[first + k] - most); }
        let log_sum = log(sum);
        for (var k = 0u; k < sizes.classes; k++) {
            let log_probability = logits[first + k] - most - log_sum;
            let target_here = targets[first + k];
            mine -= target_here * log_probability;
            gradient[first + k] = (exp(log_probability) - target_here) / f32(sizes.batch);
        }
    }
    sums[lane] = mine;
    workgroupBarrier();
    if (lane == 0u) {
        var total = 0.0;
        for (var n = 0u; n < INVOCATIONS; n++) { total += sums[n]; }
        loss[0] = total / f32(sizes.batch);
    }
}
