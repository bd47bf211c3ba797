//! Native wgpu against the CPU engine, where this machine has an adapter.

use crate::parity;
use burn::tensor::Device;
use imagenette_playground::experiment::{EngineChoice, ModelKind};
use imagenette_playground::train::device;
use pollster::block_on;

fn say(line: &str) {
    println!("{line}");
}

#[test]
fn the_comparison_notices_differences() {
    parity::comparison_notices_differences();
}

/// The CPU engine repeats itself exactly, so that a run can be repeated.
#[test]
fn cpu_engine_agrees_with_itself_to_the_bit() {
    let cpu = Device::flex();
    block_on(parity::model(ModelKind::Tiny, 2, &cpu, &cpu, say));
    block_on(parity::training(ModelKind::Tiny, 3, &cpu, &cpu, say));
    block_on(parity::optimizer(&cpu, &cpu, say));
    block_on(parity::layers(&cpu, &cpu, say));
    block_on(parity::odd_shapes(&cpu, &cpu, say));
    block_on(parity::transfer(&cpu, &cpu));
}

#[test]
fn wgpu_agrees_with_the_cpu_engine() {
    let opened = match block_on(device::open(EngineChoice::Webgpu, None)) {
        Ok(opened) => opened,
        Err(error) => {
            println!("SKIPPED: {error}");
            return;
        }
    };
    let engine = opened.device;
    let cpu = Device::flex();
    block_on(parity::transfer(&cpu, &engine));
    block_on(parity::layers(&cpu, &engine, say));
    block_on(parity::odd_shapes(&cpu, &engine, say));
    block_on(parity::optimizer(&cpu, &engine, say));
    if opened.software {
        println!("SKIPPED: whole models on {}: `parity_web` has them", opened.adapter);
        return;
    }
    block_on(parity::training(ModelKind::Tiny, 4, &cpu, &engine, say));
    for kind in ModelKind::ALL {
        block_on(parity::model(kind, 3, &cpu, &engine, say));
    }
}
