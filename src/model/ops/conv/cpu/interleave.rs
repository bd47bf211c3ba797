//! Splits rows of pixels into their even and odd columns, and joins them: a stride of 2
//! becomes one of 1.

/// Copies the even columns of `line` into `first` and the odd ones into `second`. Values beyond
/// them stay as they are, except that an odd length ends with a 0 in `second`.
#[inline(always)]
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

/// The reverse: writes `left` and `right` to the even and odd columns of `line`.
#[inline(always)]
pub(super) fn interleave([left, right]: [&[f32]; 2], line: &mut [f32]) {
    for ((to, a), b) in line.chunks_mut(2).zip(left).zip(right) {
        to[0] = *a;
        if let Some(second) = to.get_mut(1) {
            *second = *b;
        }
    }
}
