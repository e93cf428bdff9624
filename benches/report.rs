//! Tables for the terminal.

/// Prints a heading, and rows under the names of their columns.
pub fn table<const N: usize>(title: &str, columns: [&str; N], rows: &[[String; N]]) {
    let widths: Vec<usize> = (0..N)
        .map(|i| rows.iter().map(|row| row[i].len()).chain([columns[i].len()]).max().unwrap_or_default())
        .collect();
    println!("\n{title}");
    print_row(&columns.map(ToOwned::to_owned), &widths);
    print_row(&widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>(), &widths);
    for row in rows {
        print_row(row, &widths);
    }
}

fn print_row(cells: &[String], widths: &[usize]) {
    let cells: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
    println!("| {} |", cells.join(" | "));
}
