//! Scenes, composed.

use mediasoup_core::recording::{
    RecorderBackend, RecorderFiles, RecorderJob, Settings, VideoSettings, gstreamer::GStreamerBackend,
    log::LogSource,
};
use mediasoup_tests::{
    media::{Shot, VideoCodec},
    recorded::{analysis::Analysis, scene::Scene},
};
use tempfile::TempDir;

/// The files of a scene.
pub(crate) struct Composed {
    pub(crate) directory: TempDir,
    pub(crate) files: RecorderFiles,
    pub(crate) seconds: f64,
}

/// A picture of 320x180 at so many frames a second: sync is the same as at any other size.
pub(crate) fn small(framerate: u8) -> Settings {
    sized("320x180", framerate)
}

/// For what lasts long.
pub(crate) fn tiny(framerate: u8) -> Settings {
    sized("160x90", framerate)
}

fn sized(resolution: &str, framerate: u8) -> Settings {
    let defaults = Settings::default();
    let video = VideoSettings { framerate, resolution: resolution.parse().unwrap(), ..defaults.video };
    Settings { video, ..defaults }
}

pub(crate) fn vp8(frames_per_second: u32) -> Shot {
    Shot::second(VideoCodec::Vp8, (160, 90), frames_per_second)
}

pub(crate) async fn compose(scene: &Scene) -> Composed {
    let mut directory = TempDir::new().unwrap();
    if std::env::var_os("RECORDING_KEEP").is_some() {
        directory.disable_cleanup(true);
        println!("kept in {}", directory.path().display());
    }
    let log = directory.path().join("media.log");
    scene.write(&log, 1).unwrap();
    let job = RecorderJob { log: LogSource::complete(log).unwrap(), directory: directory.path().to_owned() };
    let backend = GStreamerBackend;
    backend.check(&scene.settings).unwrap();
    let files = backend.start(job).await.unwrap().finished().await.unwrap();
    Composed { directory, files, seconds: scene.seconds }
}

impl Composed {
    /// Measures a file, which decodes and is as long as the scene.
    pub(crate) fn analysis(&self, name: &str) -> Analysis {
        let analysis = Analysis::of(&self.directory.path().join(name)).unwrap();
        assert_eq!(analysis.errors, "", "{name}");
        analysis
    }

    pub(crate) fn combined(&self) -> Analysis {
        let analysis = self.analysis(self.files.combined.as_ref().unwrap());
        for stream in &analysis.streams {
            let off = stream.duration - self.seconds;
            assert!(off.abs() <= 0.5, "{} s of {}: {stream:?}", stream.duration, self.seconds);
        }
        println!("length {:.3} s of {} s", analysis.duration, self.seconds);
        analysis
    }
}
