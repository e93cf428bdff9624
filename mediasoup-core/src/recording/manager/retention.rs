//! Which finished files are kept no longer. Pure.

use std::time::Duration;

use crate::recording::file::RecordedFile;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Retention {
    pub(super) max_age: Option<Duration>,
    /// Bytes.
    pub(super) max_total_size: Option<u64>,
}

impl Retention {
    /// Whether anything is ever deleted.
    pub(super) fn is_limited(self) -> bool {
        self.max_age.is_some() || self.max_total_size.is_some()
    }

    /// Those of `files`, newest first, that are to be deleted.
    pub(super) fn expired(self, files: &[RecordedFile], now_ms: u64) -> impl Iterator<Item = &RecordedFile> {
        let max_age = self.max_age.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        let mut kept = 0_u64;
        files.iter().filter(move |file| {
            let is_old = max_age.is_some_and(|age| now_ms.saturating_sub(file.modified) > age);
            let with_it = kept.saturating_add(file.size);
            let is_too_much = self.max_total_size.is_some_and(|max| with_it > max);
            // An older one that would still fit goes, too: what is kept is the newest, without gaps.
            kept = with_it;
            is_old || is_too_much
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(u64, u64)]) -> Vec<RecordedFile> {
        let file = |(size, modified): &(u64, u64)| RecordedFile {
            name: modified.to_string(),
            path: modified.to_string().into(),
            size: *size,
            created: *modified,
            modified: *modified,
        };
        files.iter().map(file).collect()
    }

    fn expired(retention: Retention, given: &[(u64, u64)]) -> Vec<u64> {
        retention.expired(&files(given), 10_000).map(|file| file.modified).collect()
    }

    #[test]
    fn what_is_old_goes() {
        let retention = Retention { max_age: Some(Duration::from_secs(2)), max_total_size: None };
        assert_eq!(expired(retention, &[(1, 11_000), (1, 8000), (1, 7999)]), [7999]);
    }

    #[test]
    fn the_oldest_go_beyond_the_size() {
        let retention = Retention { max_age: None, max_total_size: Some(10) };
        assert_eq!(expired(retention, &[(6, 30), (4, 20), (1, 10)]), [10]);
        assert_eq!(expired(retention, &[(6, 30), (5, 20), (1, 10)]), [20, 10]);
        assert_eq!(expired(retention, &[(11, 30)]), [30]);
    }

    #[test]
    fn without_a_limit_everything_stays() {
        let retention = Retention { max_age: None, max_total_size: None };
        assert!(!retention.is_limited());
        assert_eq!(expired(retention, &[(u64::MAX, 1), (u64::MAX, 0)]), [0; 0]);
    }
}
