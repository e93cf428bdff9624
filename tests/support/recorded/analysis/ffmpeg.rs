//! Running ffmpeg and ffprobe.

use std::{
    ffi::OsStr,
    io::{self, BufReader, Read},
    path::Path,
    process::{Command, Stdio},
    thread,
};

use serde::Serialize;
use serde_json::Value;

/// A stream of a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stream {
    /// `audio` or `video`.
    pub kind: String,
    /// `h264`, `opus`…
    pub codec: String,
    /// Seconds from the file's first moment to this stream's last.
    pub duration: f64,
    /// Pixels; 0 of sound.
    pub width: u64,
    /// Pixels; 0 of sound.
    pub height: u64,
}

/// What ffmpeg complains of when it decodes all of a file; empty: nothing.
///
/// # Errors
/// ffmpeg does not run.
pub fn decoding_errors(file: &Path) -> io::Result<String> {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-xerror", "-i"])
        .arg(file)
        .args(["-map", "0", "-f", "null", "-"])
        .output()?;
    let mut errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        errors += &format!("ffmpeg: {}", output.status);
    }
    Ok(errors)
}

/// The streams of a file, their lengths taken from their packets: what a header promises may not be there.
///
/// # Errors
/// ffprobe does not run, or can make nothing of the file.
pub fn streams(file: &Path) -> io::Result<Vec<Stream>> {
    let entries =
        "stream=index,codec_type,codec_name,width,height:packet=stream_index,pts_time,dts_time,duration_time";
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_packets", "-show_entries", entries])
        .arg(file)
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("ffprobe {}: {said}", file.display())));
    }
    let probed: Value = serde_json::from_slice(&output.stdout)?;
    let list = |name: &str| probed[name].as_array().cloned().unwrap_or_default();
    let mut streams: Vec<Stream> = list("streams").iter().map(stream).collect();
    for packet in list("packets") {
        let stream = packet["stream_index"].as_u64().and_then(|index| streams.get_mut(index as usize));
        // Raw H.264 has no times.
        if let (Some(stream), Some(pts)) = (stream, seconds(&packet["pts_time"])) {
            stream.duration = stream.duration.max(pts + seconds(&packet["duration_time"]).unwrap_or(0.0));
        }
    }
    Ok(streams)
}

fn stream(probed: &Value) -> Stream {
    let text = |field: &str| probed[field].as_str().unwrap_or_default().to_owned();
    let pixels = |field: &str| probed[field].as_u64().unwrap_or(0);
    Stream {
        kind: text("codec_type"),
        codec: text("codec_name"),
        duration: 0.0,
        width: pixels("width"),
        height: pixels("height"),
    }
}

fn seconds(field: &Value) -> Option<f64> {
    field.as_str()?.parse().ok()
}

/// Decodes a file into raw chunks of `N` bytes; gives what ffmpeg said meanwhile.
pub(super) fn decode<const N: usize>(
    file: &Path,
    output: &[&str],
    mut each: impl FnMut(&[u8; N]),
) -> io::Result<String> {
    let mut child = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-nostats", "-i"].map(OsStr::new))
        .arg(file)
        .args(output)
        .arg("pipe:1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (Some(stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        stderr.read_to_end(&mut said).map(|_| said)
    });
    let mut chunk = [0; N];
    let mut stdout = BufReader::with_capacity(1 << 18, stdout);
    while stdout.read_exact(&mut chunk).is_ok() {
        each(&chunk);
    }
    child.wait()?;
    let said = said.join().map_err(|_| io::Error::other("the reader of ffmpeg's words panicked"))??;
    Ok(String::from_utf8_lossy(&said).into_owned())
}
