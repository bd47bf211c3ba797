//! The web worker.

fn main() {
    imagenette_playground::worker::main();
}
