//! Shader sources that are made from `.wgsl` files: numbers that are known before a shader is
//! compiled become constants, and loops that have to be unrolled are written out.
//!
//! Conditions whose sides may both be evaluated are joined by `&`: `&&` becomes a branch, and
//! software adapters take very long to compile many of those.

use std::fmt::Write as _;

const REPEAT: &str = "//#repeat ";
const END: &str = "//#end";

/// A number that is known before a shader is compiled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Constant {
    /// A `u32`.
    Count(usize),
    /// An `f32`.
    Number(f32),
}

impl From<usize> for Constant {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<f32> for Constant {
    fn from(number: f32) -> Self {
        Self::Number(number)
    }
}

/// The source of a shader, made from `template`.
///
/// Every one of `constants` becomes a `const`. The lines between
///
/// ```text
/// //#repeat name COUNT
/// //#end
/// ```
///
/// are written COUNT times, with `name` as 0, 1, … COUNT − 1; repetitions may be nested. Braces
/// without spaces around a sum of products, as in `value_{pixel*STRIDE+tap}`, are replaced by
/// its value. COUNT and the factors are whole numbers, names of such constants or of repetitions
/// around them; an unknown name counts 0.
pub(crate) fn expand(template: &str, constants: &[(&str, Constant)]) -> String {
    let mut source = String::new();
    let mut known = Vec::new();
    for (name, value) in constants {
        let _ = match value {
            Constant::Count(count) => {
                known.push((*name, *count));
                writeln!(source, "const {name}: u32 = {count}u;")
            }
            Constant::Number(number) => writeln!(source, "const {name}: f32 = {number:e};"),
        };
    }
    write_lines(&template.lines().collect::<Vec<_>>(), &mut known, &mut source);
    source
}

fn write_lines<'a>(lines: &[&'a str], known: &mut Vec<(&'a str, usize)>, source: &mut String) {
    let mut next = 0;
    while let Some(line) = lines.get(next) {
        next += 1;
        let Some(repeat) = line.trim_start().strip_prefix(REPEAT) else {
            write_line(line, known, source);
            continue;
        };
        let begin = next;
        let mut open = 1;
        while open > 0 && next < lines.len() {
            let line = lines[next].trim();
            open += usize::from(line.starts_with(REPEAT));
            open -= usize::from(line == END);
            next += 1;
        }
        let (name, count) = repeat.trim().split_once(' ').unwrap_or((repeat, "0"));
        for n in 0..sum(count, known) {
            known.push((name, n));
            write_lines(&lines[begin..next - 1], known, source);
            known.pop();
        }
    }
}

/// Writes a line, and the values of what is in braces.
fn write_line(line: &str, known: &[(&str, usize)], source: &mut String) {
    let is_term = |c: char| c.is_ascii_alphanumeric() || "_+*".contains(c);
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        source.push_str(before);
        match after.split_once('}') {
            Some((term, after)) if !term.is_empty() && term.chars().all(is_term) => {
                let _ = write!(source, "{}", sum(term, known));
                rest = after;
            }
            _ => {
                source.push('{');
                rest = after;
            }
        }
    }
    source.push_str(rest);
    source.push('\n');
}

/// The value of a sum of products.
fn sum(expression: &str, known: &[(&str, usize)]) -> usize {
    let value = |name: &str| {
        let found = known.iter().rev().find(|(known, _)| *known == name);
        found.map_or_else(|| name.parse().unwrap_or(0), |(_, value)| *value)
    };
    expression.split('+').map(|product| product.split('*').map(value).product::<usize>()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_declared() {
        let source = expand("x", &[("A", 1.into()), ("B", 1e-5.into())]);
        assert_eq!(source, "const A: u32 = 1u;\nconst B: f32 = 1e-5;\nx\n");
    }

    #[test]
    fn repetitions_are_written_out_even_where_they_are_nested() {
        let template = "a\n//#repeat n N\n  //#repeat m 2\n{n}{m}\n  //#end\n//#end\nb";
        let source = expand(template, &[("N", 2.into())]);
        let lines: Vec<&str> = source.lines().skip(1).collect();
        assert_eq!(lines, ["a", "00", "01", "10", "11", "b"]);
    }

    #[test]
    fn sums_of_products_are_computed_and_other_braces_stay() {
        let source = expand("{2*A+1} {A} if (x) { y } {z;} {}", &[("A", 3.into())]);
        assert_eq!(source.lines().last(), Some("7 3 if (x) { y } {z;} {}"));
    }

    #[test]
    fn nothing_is_repeated_no_times() {
        assert_eq!(expand("//#repeat n 0\n{n}\n//#end", &[]), "");
        assert_eq!(expand("//#repeat n UNKNOWN\n{n}\n//#end", &[]), "");
    }
}
