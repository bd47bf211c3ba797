// Adds up the parts of a sum in their order. Several are loaded at once, because one load
// after the other would wait for memory each time.

fn compute(index: u32) {
    var sum = 0.0;
    for (var part = 0u; part < sizes.parts; part += LOADS) {
        let at = part * sizes.invocations + index;
        let left = sizes.parts - part;
        //#repeat load LOADS
        let value_{load} = select(0.0, parts[select(at, at + {load}u * sizes.invocations, {load}u < left)], {load}u < left);
        //#end
        //#repeat load LOADS
        sum += value_{load};
        //#end
    }
    out[index] = sum;
}
