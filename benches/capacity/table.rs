//! Figures, with their targets beside them.

/// What a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
    /// None: it explains another.
    None,
}

/// One figure.
pub(crate) struct Row {
    pub(crate) what: String,
    pub(crate) figure: f64,
    pub(crate) unit: &'static str,
    pub(crate) target: Target,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, figure: f64, unit: &'static str, target: Target) -> Self {
        Self { what: what.into(), figure, unit, target }
    }

    /// The target in words, and whether it is met.
    fn verdict(&self) -> (String, &'static str) {
        let (text, holds) = match self.target {
            Target::AtMost(target) => (format!("at most {target}"), self.figure <= target),
            Target::AtLeast(target) => (format!("at least {target}"), self.figure >= target),
            Target::None => return (String::new(), ""),
        };
        (text, if holds { "yes" } else { "NO" })
    }
}

pub(crate) fn print_head() {
    println!("| {:<66} | {:>9} | {:<10} | {:<14} | {:<5} |", "what", "figure", "unit", "target", "holds");
    println!(
        "| {} | {} | {} | {} | {} |",
        "-".repeat(66),
        "-".repeat(9),
        "-".repeat(10),
        "-".repeat(14),
        "-".repeat(5)
    );
}

pub(crate) fn print(rows: &[Row]) {
    for row in rows {
        let digits = if row.figure < 100.0 { 2 } else { 0 };
        let (target, holds) = row.verdict();
        println!(
            "| {:<66} | {:>9.digits$} | {:<10} | {target:<14} | {holds:<5} |",
            row.what, row.figure, row.unit
        );
    }
}
