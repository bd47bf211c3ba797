//! A line of pixels as its even and its odd ones, and back: a stride of 2 becomes one of 1.

/// Every second value of `line` into `first`, the others into `second`. What is
/// left of the two keeps its value.
pub(super) fn deinterleave(line: &[f32], first: &mut [f32], second: &mut [f32]) {
    let pairs = line.chunks_exact(2);
    let rest = pairs.remainder();
    let count = line.len() / 2;
    for ((pair, a), b) in pairs.zip(first.iter_mut()).zip(second.iter_mut()) {
        *a = pair[0];
        *b = pair[1];
    }
    if let ([last], Some(to)) = (rest, first.get_mut(count)) {
        *to = *last;
        if let Some(beyond) = second.get_mut(count) {
            *beyond = 0.0;
        }
    }
}

/// The reverse: pairs of values side by side; the last is half a pair where the line
/// is of odd length.
pub(super) fn interleave([left, right]: [&[f32]; 2], line: &mut [f32]) {
    for ((to, a), b) in line.chunks_mut(2).zip(left).zip(right) {
        to[0] = *a;
        if let Some(second) = to.get_mut(1) {
            *second = *b;
        }
    }
}
