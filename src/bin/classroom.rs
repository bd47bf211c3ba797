//! The classroom: lessons and recorded results, which the page loads when they are opened.

fn main() {
    imagenette_playground::classroom::start();
}
