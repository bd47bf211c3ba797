//! What the kernels of a step compute and move, compared with the table that was committed, and
//! tests of the rig that finds it out.

use crate::rig::capture::{Work, record};
use crate::rig::kernel::zeroed;
use crate::rig::replay::{Dispatch, Recording};
use crate::rig::table::{Table, differences, file};
use crate::rig::{COMMITTED, Rig, case, measure, tables};
use imagenette_playground::experiment::ModelKind;

/// Set to write the table instead of comparing it.
const UPDATE: &str = "UPDATE_RIG";

/// A pattern of bits that no shader computes: a NaN of our own.
const UNTOUCHED: u32 = 0x7fc0_1234;

fn committed() -> String {
    std::fs::read_to_string(COMMITTED).unwrap()
}

/// The table of a tiny network's training step, from what was recorded of it.
fn of_tiny(recording: Recording) -> Vec<Table> {
    let title = "tiny, training step".to_owned();
    tables(&[Rig::new().measure(title, recording).unwrap()])
}

/// The differences that concern what `of_tiny` measures.
fn complaints(recording: Recording) -> Vec<String> {
    let mut found = differences(&committed(), &of_tiny(recording));
    found.retain(|line| line.contains("tiny, training step") && !line.starts_with("gone"));
    found
}

/// The dispatches of a kernel in a tiny network's training step, by the start of its sizes.
fn tiny_dispatch(name: &str, sizes: &str) -> Dispatch {
    let recording = record(&case(ModelKind::Tiny), Work::Train).unwrap();
    let mut rig = Rig::new();
    let mut dispatches = recording.dispatches.into_iter();
    let wanted = |dispatch: &Dispatch| {
        let kernel = rig.kernel(dispatch).unwrap();
        kernel.name == name && kernel.sizes.starts_with(sizes)
    };
    let found = dispatches.find(wanted);
    found.unwrap_or_else(|| panic!("no {name} of {sizes}"))
}

#[test]
fn steps_move_what_the_table_says() {
    let found = tables(&measure().unwrap());
    for table in &found {
        println!("{}", table.show());
    }
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(COMMITTED, file(&found)).unwrap();
    }
    let differences = differences(&committed(), &found);
    assert!(
        differences.is_empty(),
        "what a step moves has changed:\n{}\nIf that is what you want, `make rig-update` writes \
         {COMMITTED} anew; commit it with the reason.",
        differences.join("\n")
    );
}

/// Numbers that are easy to tell apart, between -1 and 1.
fn value(index: usize) -> f32 {
    ((index as u32).wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 23) as f32 - 1.0
}

#[test]
fn the_rig_computes_a_convolution() {
    let dispatch = tiny_dispatch("conv/tile_output", "8→16, 32², kernel 3, stride 1, parts 1");
    let shader = Rig::new().shader(&dispatch.source).unwrap();
    let sizes: Vec<usize> = shader.sizes(&dispatch).iter().map(|it| it.1 as usize).collect();
    let [batch, inputs, outputs, height, width, ..] = sizes[..] else { panic!("{sizes:?}") };
    let mut buffers = zeroed(&dispatch);
    let lens = [batch * inputs * height * width, outputs * inputs * 9];
    let given = lens.map(|len| (0..len).map(value).collect::<Vec<f32>>());
    for (binding, values) in (0..).zip(&given) {
        buffers.insert(binding, values.iter().map(|it| it.to_bits()).collect());
    }
    buffers.insert(2, vec![UNTOUCHED; batch * outputs * height * width]);
    // The last workgroup: the corner of the last image.
    let last = dispatch.groups.iter().product::<u32>() - 1;
    let traffic = shader.run(&dispatch, last, &mut buffers).unwrap();

    let [input, weight] = &given;
    let mut written = 0;
    for (index, bits) in buffers[&2].iter().enumerate().filter(|it| *it.1 != UNTOUCHED) {
        let (x, y) = (index % width, index / width % height);
        let (to, image) = (index / (width * height) % outputs, index / (width * height * outputs));
        let mut sum = 0.0;
        for from in 0..inputs {
            for tap in 0..9 {
                let (row, column) = (y + tap / 3, x + tap % 3);
                if (1..=height).contains(&row) && (1..=width).contains(&column) {
                    let pixel = ((image * inputs + from) * height + row - 1) * width + column - 1;
                    let tap = (to * inputs + from) * 9 + tap;
                    sum += f64::from(input[pixel]) * f64::from(weight[tap]);
                }
            }
        }
        let found = f64::from(f32::from_bits(*bits));
        assert!((found - sum).abs() < 1e-4, "{index}: {found}, not {sum}");
        written += 1;
    }
    // 64 pixels in all channels; the terms are filled up to a multiple of 16.
    assert_eq!(written, 64 * outputs);
    assert_eq!(traffic.mac, (64 * outputs * (inputs * 9).next_multiple_of(16)) as u64);
}

#[test]
fn the_rig_computes_a_mean_and_a_variance() {
    let dispatch = tiny_dispatch("norm/moments", "batch 64, channels 8, pixels 1024");
    let shader = Rig::new().shader(&dispatch.source).unwrap();
    let mut buffers = zeroed(&dispatch);
    let (channels, pixels) = (8, 1024);
    let values: Vec<f32> = (0..64 * channels * pixels).map(value).collect();
    buffers.insert(0, values.iter().map(|it| it.to_bits()).collect());
    shader.run(&dispatch, 3, &mut buffers).unwrap();
    let mine = values.chunks(pixels).skip(3).step_by(channels).flatten();
    let mine: Vec<f64> = mine.map(|it| f64::from(*it)).collect();
    let mean = mine.iter().sum::<f64>() / mine.len() as f64;
    let variance = mine.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / mine.len() as f64;
    let found = [3, channels + 3].map(|at| f64::from(f32::from_bits(buffers[&3][at])));
    assert!((found[0] - mean).abs() < 1e-4, "{found:?} {mean}");
    assert!((found[1] - variance).abs() < 1e-4, "{found:?} {variance}");
}

/// A recording of a tiny network's training step in which every shader of the convolutions' outputs
/// is changed.
fn planted(change: impl Fn(&str) -> String) -> Recording {
    let mut recording = record(&case(ModelKind::Tiny), Work::Train).unwrap();
    let mut planted = 0;
    for dispatch in &mut recording.dispatches {
        if dispatch.source.contains("// The output of a convolution as") {
            dispatch.source = change(&dispatch.source).into();
            planted += 1;
        }
    }
    assert!(planted > 0, "nothing was planted");
    recording
}

#[test]
fn a_step_as_it_is_gives_no_complaint() {
    let found = complaints(planted(str::to_owned));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_planted_kernel_with_a_stride_is_reported() {
    let change = |source: &str| {
        let right = "rows * matrix.terms + term";
        assert!(source.contains(right), "{source}");
        source.replace(right, "term * matrix.rows + rows")
    };
    let found = complaints(planted(change));
    let worse = |column: &str| {
        let named = |line: &&String| line.starts_with("worse") && line.contains(column);
        found.iter().any(|line| named(&line) && line.contains("conv/tile_output"))
    };
    assert!(worse(": lines/load was") && worse(": worst load was"), "{found:#?}");
}

/// A convolution that loads both factors of every product, of its own.
const NAIVE: &str = "
// The output of a convolution as a matrix multiplication:
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let pixels = sizes.out_height * sizes.out_width;
    let y = id.x % pixels / sizes.out_width * STRIDE;
    let x = id.x % sizes.out_width * STRIDE;
    let channel = id.x / pixels % sizes.out_channels;
    let image = id.x / (pixels * sizes.out_channels);
    var sum = 0.0;
    for (var c = 0u; c < sizes.in_channels; c++) {
        for (var tap = 0u; tap < TAPS; tap++) {
            let row = y + tap / KERNEL - PADDING;
            let column = x + tap % KERNEL - PADDING;
            if (row < sizes.height && column < sizes.width) {
                let plane = image * sizes.in_channels + c;
                sum += input[(plane * sizes.height + row) * sizes.width + column]
                    * weight[(channel * sizes.in_channels + c) * TAPS + tap];
            }
        }
    }
    out[id.x] = sum;
}
";

#[test]
fn a_planted_kernel_that_loads_too_often_is_reported() {
    let change = |source: &str| source.split("// One tile").next().unwrap().to_owned() + NAIVE;
    let recording = planted(change);
    let step = Rig::new().measure(String::new(), recording).unwrap();
    let wide = step.kernels.iter().filter(|it| it.is_wide() && it.name == "conv/tile_output");
    let misses: Vec<_> = wide.map(|it| it.misses()).collect();
    assert!(!misses.is_empty() && misses.iter().all(|it| it.contains(&"MAC")), "{misses:?}");
    let found = complaints(planted(change));
    let worse = |line: &String| line.starts_with("worse") && line.contains(": MAC/load was");
    assert!(found.iter().any(worse), "{found:#?}");
}

#[test]
fn a_planted_dispatch_is_reported() {
    let mut recording = record(&case(ModelKind::Tiny), Work::Train).unwrap();
    for _ in 0..recording.steps {
        recording.dispatches.push(recording.dispatches[0].clone());
    }
    let found = complaints(recording);
    let worse = |line: &String| {
        line.starts_with("worse: all of a step: tiny, training step: dispatches was")
    };
    assert!(found.iter().any(worse), "{found:#?}");
}
