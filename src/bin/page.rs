//! The page: what the browser runs on its main thread.

fn main() {
    imagenette_playground::ui::start();
}
