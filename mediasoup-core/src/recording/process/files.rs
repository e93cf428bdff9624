//! The names a child gives for its files, looked at before anybody uses them: a decoder that was taken over could name
//! any file of the system, to have it moved among the recordings and downloaded.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Component, Path},
};

use crate::recording::RecorderFiles;

/// Whether all are plain files in `directory`.
///
/// # Errors
/// Which one is not, for people.
pub(super) fn check(files: &RecorderFiles, directory: &Path) -> Result<(), String> {
    let RecorderFiles { audio, video, combined, tracks } = files;
    for name in [audio, video, combined].into_iter().flatten().chain(tracks) {
        let is_sound =
            is_plain_file(name, directory).map_err(|error| format!("its file {name:?}: {error}"))?;
        if !is_sound {
            return Err(format!("it named {name:?} as its file"));
        }
    }
    Ok(())
}

fn is_plain_file(name: &str, directory: &Path) -> io::Result<bool> {
    let mut components = Path::new(name).components();
    let (Some(Component::Normal(file)), None) = (components.next(), components.next()) else {
        return Ok(false);
    };
    let metadata = fs::symlink_metadata(directory.join(file))?;
    Ok(file == name && metadata.is_file() && metadata.nlink() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_one(name: &str, directory: &Path) -> Result<(), String> {
        check(&RecorderFiles { combined: Some(name.to_owned()), ..RecorderFiles::default() }, directory)
    }

    #[test]
    fn only_plain_files_of_the_directory_are_taken() {
        let root = tempfile::tempdir().unwrap();
        let directory = root.path().join("job");
        fs::create_dir(&directory).unwrap();
        fs::write(root.path().join("secret"), "").unwrap();
        fs::write(directory.join("a.mp4"), "").unwrap();
        fs::create_dir(directory.join("folder")).unwrap();
        std::os::unix::fs::symlink("../secret", directory.join("link")).unwrap();
        fs::hard_link(root.path().join("secret"), directory.join("second")).unwrap();
        check_one("a.mp4", &directory).unwrap();
        let secret = root.path().join("secret");
        let absolute = secret.to_str().unwrap();
        for name in [
            "../secret",
            "a.mp4/",
            "./a.mp4",
            "folder",
            "link",
            "second",
            "",
            ".",
            "..",
            "none",
            "a\0",
            absolute,
        ] {
            check_one(name, &directory).unwrap_err();
        }
        check(&RecorderFiles { tracks: vec!["..".to_owned()], ..RecorderFiles::default() }, &directory)
            .unwrap_err();
        check(&RecorderFiles::default(), &directory).unwrap();
    }
}
