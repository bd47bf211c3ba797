//! An engine without a browser: one line of JSON per case.
//!
//! ```text
//! bench [cpu|webgpu] [case…]
//! bench rig
//! ```
//!
//! `rig` prints what each kernel of a step moves (`tests/rig`), and how long the processor is busy
//! with a step whose dispatches compute nothing.

use crate::cases::{self, Trainer};
use crate::rig;
use imagenette_playground::experiment::{EngineChoice, ModelKind};
use imagenette_playground::train::device;
use pollster::block_on;
use web_time::Instant;
use wgpu::Trace;

/// Steps are repeated for about this long per case.
const SECONDS: f64 = 8.0;
const FEWEST: usize = 3;
const MOST: usize = 40;

pub fn main() {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.first().is_some_and(|command| command == "rig") {
        if let Err(error) = print_rig() {
            eprintln!("{error}");
            std::process::exit(1);
        }
        return;
    }
    let webgpu = wanted.first().is_some_and(|engine| engine == "webgpu");
    wanted.retain(|it| it != "cpu" && it != "webgpu");
    let choice = if webgpu { EngineChoice::Webgpu } else { EngineChoice::Cpu };
    let engine = match block_on(device::open(choice, None)) {
        Ok(engine) => engine,
        Err(error) => return eprintln!("{error}"),
    };
    for case in cases::all() {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == case.name) {
            continue;
        }
        let mut trainer = Trainer::new(&case, &engine.device);
        let mut losses = Vec::new();
        let mut step = || {
            let begun = Instant::now();
            match block_on(trainer.steps(1)) {
                Ok(loss) => losses.extend(loss),
                Err(error) => eprintln!("{}: {error}", case.name),
            }
            begun.elapsed().as_secs_f64() * 1e3
        };
        let first = step();
        let (begun, used) = (Instant::now(), processor_seconds());
        let mut times = Vec::new();
        while times.len() < FEWEST
            || (times.len() < MOST && begun.elapsed().as_secs_f64() < SECONDS)
        {
            times.push(step());
        }
        let cpu = processor_seconds().zip(used).map(|(now, then)| now - then);
        let cpu = cpu.map(|seconds| seconds * 1e3 / times.len() as f64);
        let line = serde_json::json!({
            "case": case.name,
            "batch": case.batch,
            "engine": engine.engine,
            "adapter": engine.adapter,
            "first": first,
            "times": times,
            "cpu": cpu,
            "losses": losses,
        });
        println!("{line}");
    }
}

/// Prints what the kernels of a step move, how that differs from the committed table, and
/// the processor's share of a step.
fn print_rig() -> Result<(), String> {
    let tables = rig::tables(&rig::measure()?);
    for table in &tables {
        println!("{}", table.show());
    }
    let committed = std::fs::read_to_string(rig::COMMITTED).unwrap_or_default();
    for line in rig::table::differences(&committed, &tables) {
        println!("{line}");
    }
    for kind in [ModelKind::Tiny, ModelKind::Resnet9] {
        let case = rig::case(kind);
        let (device, _) = rig::capture::stub(Trace::Off)?;
        let mut trainer = Trainer::new(&case, &device);
        block_on(trainer.steps(rig::capture::STEPS))?;
        let (begun, used) = (Instant::now(), processor_seconds());
        let mut steps = 0;
        while begun.elapsed().as_secs_f64() < SECONDS / 2.0 {
            block_on(trainer.steps(rig::capture::STEPS))?;
            steps += rig::capture::STEPS;
        }
        let wall = begun.elapsed().as_secs_f64() * 1e3 / steps as f64;
        let cpu = processor_seconds().zip(used).map(|(now, then)| now - then);
        let cpu = cpu.map_or("?".to_owned(), |it| format!("{:.2}", it * 1e3 / steps as f64));
        println!(
            "{}: a step with stubbed dispatches takes {wall:.2} ms, {cpu} ms of processor time \
             ({steps} steps)",
            case.name
        );
    }
    Ok(())
}

/// Processor time of this process so far, all threads together; only Linux tells it so.
fn processor_seconds() -> Option<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name in parentheses: state is field 3, user and system time are 14 and 15.
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    Some((ticks(14)? + ticks(15)?) / TICKS_PER_SECOND)
}
