//! Prints what is in a recorded file as JSON, for tests in other languages: `av-sync <file>`.

use std::{io, path::Path, process::ExitCode};

use mediasoup_tests::recorded::analysis::Analysis;

fn main() -> ExitCode {
    let Some(file) = std::env::args_os().nth(1) else {
        eprintln!("usage: av-sync <file>");
        return ExitCode::FAILURE;
    };
    let printed = Analysis::of(Path::new(&file))
        .and_then(|analysis| serde_json::to_writer(io::stdout(), &analysis).map_err(io::Error::from));
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
