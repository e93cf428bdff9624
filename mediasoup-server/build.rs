//! Bundles the example client, so that the binary can serve it without any file beside it.
//!
//! npm and esbuild do the work; this only runs them. `MEDIASOUP_SERVER_NO_CLIENT=1` builds a server without the client.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Set to anything but `0` or nothing: build without the example client.
const SKIP: &str = "MEDIASOUP_SERVER_NO_CLIENT";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(example_client)");
    println!("cargo::rerun-if-env-changed={SKIP}");
    if env::var(SKIP).is_ok_and(|value| !value.is_empty() && value != "0") {
        return;
    }
    match bundle() {
        Ok(()) => println!("cargo::rustc-cfg=example_client"),
        Err(reason) => println!(
            "cargo::error=the example client cannot be built: {reason}; \
             install Node.js 18 or newer with npm, or set {SKIP}=1 to build the server without it"
        ),
    }
}

fn bundle() -> Result<(), String> {
    let examples = directory("CARGO_MANIFEST_DIR")?.join("../examples");
    let client = examples.join("client");
    for input in ["src", "style.css", "package.json", "package-lock.json"] {
        println!("cargo::rerun-if-changed={}", client.join(input).display());
    }
    let page = examples.join("example-client.html");
    println!("cargo::rerun-if-changed={}", page.display());

    install_packages(&client)?;
    let out = directory("OUT_DIR")?;
    run_esbuild(&client, &out.join("client.js"))?;
    copy(&client.join("style.css"), &out.join("client.css"))?;
    copy(&page, &out.join("client.html"))
}

/// `npm ci`, unless it already ran for this very lockfile.
fn install_packages(client: &Path) -> Result<(), String> {
    let modified = |path: PathBuf| fs::metadata(path).and_then(|file| file.modified());
    let installed = modified(client.join("node_modules/.package-lock.json"));
    let locked = modified(client.join("package-lock.json"));
    if matches!((installed, locked), (Ok(installed), Ok(locked)) if installed >= locked) {
        return Ok(());
    }
    run(Command::new("npm").current_dir(client).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))
}

fn run_esbuild(client: &Path, bundle: &Path) -> Result<(), String> {
    run(Command::new("node")
        .current_dir(client)
        .arg("node_modules/esbuild/bin/esbuild")
        .args(["src/main.js", "--bundle", "--minify", "--format=iife"])
        .args(["--target=es2022", "--legal-comments=eof", "--log-level=warning"])
        .arg(format!("--outfile={}", bundle.display())))
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name} does not run ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // An error of Cargo's is one line.
    let said = said.lines().map(str::trim).collect::<Vec<_>>().join(" | ");
    Err(format!("{name} failed ({}): {said}", output.status))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(|error| format!("{}: {error}", from.display()))
}

fn directory(variable: &str) -> Result<PathBuf, String> {
    env::var_os(variable).map(PathBuf::from).ok_or_else(|| format!("{variable} is not set"))
}
