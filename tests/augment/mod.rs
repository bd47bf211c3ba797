//! From stored pixels to batches: golden values of every technique, frozen draws, independence of
//! the switches, and properties of all views.

mod batches;
mod crops;
mod fixture;
mod formulas;
mod frozen;
mod properties;

#[test]
fn draws_are_frozen() {
    assert_eq!(frozen::draws(), frozen::DRAWS);
}

#[test]
fn pixels_are_frozen() {
    assert_eq!(frozen::pixels(), frozen::PIXELS);
}
