//! The `train` program.

fn main() -> anyhow::Result<()> {
    imagenette_playground::cli::main()
}
