// Two sums over all values of a channel, one workgroup a channel: `origin` is what `terms`
// needs to know about the channel, `terms` is what a value adds to the sums, and `finish` stores
// the result.
//
// Few barriers: a software adapter pays for every invocation that waits. Each invocation
// adds up its share of the values, in runs of NEIGHBOURS; ROOT of them add up ROOT of these sums
// each; and one of them adds up the results.

var<workgroup> sums: array<vec2<f32>, INVOCATIONS>;
var<workgroup> partial_sums: array<vec2<f32>, ROOT>;

@compute @workgroup_size(INVOCATIONS)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let channel = group.x;
    let pixels = sizes.pixels;
    let runs = sizes.batch * pixels / NEIGHBOURS;
    let known = origin(channel);
    var sum = vec2<f32>();
    for (var n = lane; n < runs; n += INVOCATIONS) {
        let pixel = n * NEIGHBOURS;
        let at = (pixel / pixels * sizes.channels + channel) * pixels + pixel % pixels;
        var run_sum = vec2<f32>();
        //#repeat n NEIGHBOURS
        run_sum += terms(at + {n}u, known);
        //#end
        sum += run_sum;
    }
    sums[lane] = sum;
    workgroupBarrier();
    if (lane < ROOT) {
        for (var n = lane + ROOT; n < INVOCATIONS; n += ROOT) { sum += sums[n]; }
        partial_sums[lane] = sum;
    }
    workgroupBarrier();
    if (lane == 0u) {
        for (var n = 1u; n < ROOT; n++) { sum += partial_sums[n]; }
        finish(channel, known, sum);
    }
}
