//! The server's binary: configuration, logs, start, signals.

use std::{
    error::Error,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;
use mediasoup_server::{
    app,
    auth::Authenticator,
    config::{self, Cli, Config},
    shutdown, telemetry,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(all(feature = "gstreamer", target_os = "linux"))]
    if cli.command == Some(config::Command::Recorder) {
        return mediasoup_server::recorder::run();
    }
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode, Box<dyn Error>> {
    let config = Config::load(cli, &config::process_environment()?)?;
    if cli.print_config {
        io::stdout().write_all(config.to_toml()?.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    for warning in config.warnings() {
        eprintln!("warning: {warning}");
    }
    if cli.check_config {
        Authenticator::from_config(&config.auth)?;
        println!("the configuration is valid");
        return Ok(ExitCode::SUCCESS);
    }
    telemetry::init(&config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config))
}

async fn serve(config: Config) -> Result<ExitCode, Box<dyn Error>> {
    let mut signals = shutdown::Signals::listen()?;
    let server = app::start(config).await?;
    io::stdout().write_all(server.summary().as_bytes())?;
    let signal = signals.next().await;
    eprintln!("{signal}: closing rooms and sockets; once more ends at once");
    tokio::select! {
        in_time = server.shutdown() => {
            Ok(if in_time { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        _ = signals.next() => Ok(ExitCode::FAILURE),
    }
}
