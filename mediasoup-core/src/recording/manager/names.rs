//! Names of recordings' files.

use crate::ids::RoomId;

/// Characters of a room's name that go into a file's name: with a participant's, and all else, a file's name has at most
/// 255 bytes.
const ROOM_LEN_MAX: usize = 64;
/// What finished files end with.
const EXTENSIONS: [&str; 6] = ["mp4", "mkv", "webm", "opus", "aac", "h264"];

/// What the names of a recording's files begin with: `room_<roomId>_2026-11-22T12-00-00-123Z`.
///
/// A `:` becomes a `~`, which no room's name has: it means something on other file systems.
pub(super) fn filename(room: &RoomId, started_at: u64) -> String {
    let room: String = room.as_str().replace(':', "~").chars().take(ROOM_LEN_MAX).collect();
    format!("room_{room}_{}", utc(started_at))
}

/// Whether a finished file may be called so: nothing that leads out of its directory, nothing hidden.
pub(super) fn is_file_name(name: &str) -> bool {
    let is_plain = !name.starts_with('.') && name.len() <= 255 && !name.contains(['/', '\\', '\0']);
    is_plain
        && name
            .rsplit_once('.')
            .is_some_and(|(stem, extension)| !stem.is_empty() && EXTENSIONS.contains(&extension))
}

/// Whether a file is one of the recording's whose files begin so.
pub(super) fn is_of(filename: &str, name: &str) -> bool {
    name.strip_prefix(filename).is_some_and(|rest| rest.starts_with('_'))
}

/// ISO 8601, to the millisecond, of characters that every file system takes.
fn utc(ms: u64) -> String {
    let (second, millis) = (ms / 1000, ms % 1000);
    let (year, month, day) = civil(second / 86_400);
    let (hour, minute, second) = (second / 3600 % 24, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}-{minute:02}-{second:02}-{millis:03}Z")
}

/// Year, month and day of a day since the epoch, in the proleptic Gregorian calendar. Years start in March here, so
/// that the leap day is a year's last.
fn civil(days_since_epoch: u64) -> (u64, u64, u64) {
    const DAYS_TO_EPOCH: u64 = 719_468; // from 0000-03-01 to 1970-01-01
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days_since_epoch + DAYS_TO_EPOCH;
    let (era, day_of_era) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recordings_files_are_named_after_room_and_time() {
        let name = |room: &str, at| filename(&room.parse().unwrap(), at);
        assert_eq!(name("a:b", 1_795_348_800_123), "room_a~b_2026-11-22T12-00-00-123Z");
        assert_eq!(name("r", 951_782_400_000), "room_r_2000-02-29T00-00-00-000Z");
        assert_eq!(name(&"x".repeat(128), 0).len(), 94);
    }

    #[test]
    fn a_file_is_one_recordings() {
        assert!(is_of("room_a_T", "room_a_T_combined.mp4"));
        assert!(!is_of("room_a_T", "room_a_T2_combined.mp4"));
    }

    #[test]
    fn names_never_lead_out() {
        for good in ["a.mp4", "room_a_T_track_x_audio_0.mkv", "%2f.opus", "a..mp4"] {
            assert!(is_file_name(good), "{good}");
        }
        let long = format!("{}.mp4", "x".repeat(252));
        for bad in [
            "", ".", "..", "../a.mp4", "a/b.mp4", "/a.mp4", "a\0.mp4", "a.mp4\0", ".a.mp4", ".mp4", "a.txt",
            "a", &long,
        ] {
            assert!(!is_file_name(bad), "{bad:?}");
        }
    }
}
