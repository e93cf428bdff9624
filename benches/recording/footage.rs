//! What publishers send: made by ffmpeg, so that it is as hard to decode as a camera's picture.

use std::{fs, path::Path, process::Command};

use mediasoup_tests::media::Clip;

use crate::Result;

const FRAMES_PER_SECOND: u32 = 30;
/// Played in a loop.
const SECONDS: &str = "5";

/// Pictures, as ffmpeg's sources name them: something moves everywhere.
const PICTURES: [&str; 2] = [
    "testsrc2=size=1280x720:rate=30,noise=alls=8:allf=t",
    "mandelbrot=size=640x360:rate=30:end_scale=0.01,scale=1280:720",
];

/// VP8 of 1280x720, 30 frames and about 1.5 Mbit a second, with a key frame every 5 s; Opus in 50 packets a second.
pub(crate) struct Footage {
    pictures: Vec<Clip>,
    sound: Clip,
}

impl Footage {
    pub(crate) fn make() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let mut pictures = Vec::new();
        for (number, source) in PICTURES.iter().enumerate() {
            let file = directory.path().join(format!("{number}.ivf"));
            let vp8 = "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 1500k -minrate 1500k -maxrate 1500k \
                       -bufsize 750k -g 150 -pix_fmt yuv420p";
            ffmpeg(source, vp8, &file)?;
            pictures.push(Clip::vp8(&fs::read(file)?.into(), FRAMES_PER_SECOND));
        }
        let file = directory.path().join("sound.ogg");
        ffmpeg("anoisesrc=color=pink:amplitude=0.3:sample_rate=48000", "-c:a libopus -b:a 32k -ac 1", &file)?;
        Ok(Self { pictures, sound: Clip::opus_ogg(&fs::read(file)?) })
    }

    /// Of the how-many-eth publisher.
    pub(crate) fn picture(&self, number: usize) -> Clip {
        self.pictures[number % self.pictures.len()].clone()
    }

    pub(crate) fn sound(&self) -> Clip {
        self.sound.clone()
    }
}

fn ffmpeg(source: &str, encoding: &str, file: &Path) -> Result<()> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-f", "lavfi", "-i", source, "-t", SECONDS]);
    command.args(encoding.split_whitespace()).arg(file);
    if command.status().map_err(|error| format!("cannot run ffmpeg: {error}"))?.success() {
        Ok(())
    } else {
        Err(format!("ffmpeg could not make {source}").into())
    }
}
