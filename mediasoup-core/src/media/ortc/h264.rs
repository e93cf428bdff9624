//! H264 `profile-level-id` (RFC 6184 §8.1), with libwebrtc's reading of it.

use serde_json::Value;

use super::falsy::is_falsy;
use crate::media::rtp::Parameters;

const PROFILE_LEVEL_ID: &str = "profile-level-id";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Profile {
    ConstrainedBaseline,
    Baseline,
    Main,
    ConstrainedHigh,
    High,
    PredictiveHigh444,
}

/// `level_idc`, but for level 1b, which shares it with 1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    OneB,
    Idc(u8),
}

impl Level {
    const ONE: Self = Self::Idc(10);

    /// Whether it is the lesser of the two, in the order the clients use. That order is not one: every
    /// level but 1 counts as less than 1b. Both sides must choose the same level, so it is kept.
    fn is_less(self, other: Self) -> bool {
        match (self, other) {
            (Self::OneB, _) => other != Self::ONE && other != Self::OneB,
            (_, Self::OneB) => self != Self::ONE,
            (Self::Idc(a), Self::Idc(b)) => a < b,
        }
    }

    fn min(self, other: Self) -> Self {
        if self.is_less(other) { self } else { other }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ProfileLevelId {
    profile: Profile,
    level: Level,
}

/// The default of RFC 6184 is baseline level 1; libwebrtc and mediasoup take constrained baseline 3.1.
const DEFAULT: ProfileLevelId =
    ProfileLevelId { profile: Profile::ConstrainedBaseline, level: Level::Idc(31) };

/// `profile_idc`, the bits of `profile_iop` that matter, their values, and the profile they name.
const PROFILES: &[(u8, u8, u8, Profile)] = &[
    (0x42, 0b0100_1111, 0b0100_0000, Profile::ConstrainedBaseline),
    (0x4d, 0b1000_1111, 0b1000_0000, Profile::ConstrainedBaseline),
    (0x58, 0b1100_1111, 0b1100_0000, Profile::ConstrainedBaseline),
    (0x42, 0b0100_1111, 0b0000_0000, Profile::Baseline),
    (0x58, 0b1100_1111, 0b1000_0000, Profile::Baseline),
    (0x4d, 0b1010_1111, 0b0000_0000, Profile::Main),
    (0x64, 0b1111_1111, 0b0000_0000, Profile::High),
    (0x64, 0b1111_1111, 0b0000_1100, Profile::ConstrainedHigh),
    (0xf4, 0b1111_1111, 0b0000_0000, Profile::PredictiveHigh444),
];

const LEVELS: &[u8] = &[10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52];

impl ProfileLevelId {
    /// The one stated, or the default where none is; `None` where it is malformed or unknown.
    fn of(parameters: &Parameters) -> Option<Self> {
        match parameters.get(PROFILE_LEVEL_ID) {
            stated if is_falsy(stated) => Some(DEFAULT),
            Some(Value::String(text)) => Self::parse(text),
            _ => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        const CONSTRAINT_SET_3: u8 = 0x10;
        if text.len() != 6 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let [_, idc, iop, level_idc] = u32::from_str_radix(text, 16).ok()?.to_be_bytes();
        let level = match level_idc {
            11 if iop & CONSTRAINT_SET_3 != 0 => Level::OneB,
            _ if LEVELS.contains(&level_idc) => Level::Idc(level_idc),
            _ => return None,
        };
        let &(.., profile) = PROFILES.iter().find(|row| row.0 == idc && iop & row.1 == row.2)?;
        Some(Self { profile, level })
    }

    /// As six hex digits; `None` for level 1b of a profile that has no such level.
    fn to_hex(self) -> Option<String> {
        use Profile::{Baseline, ConstrainedBaseline, ConstrainedHigh, High, Main, PredictiveHigh444};
        let level = match (self.level, self.profile) {
            (Level::OneB, ConstrainedBaseline) => return Some("42f00b".to_owned()),
            (Level::OneB, Baseline) => return Some("42100b".to_owned()),
            (Level::OneB, Main) => return Some("4d100b".to_owned()),
            (Level::OneB, _) => return None,
            (Level::Idc(idc), _) => idc,
        };
        let profile = match self.profile {
            ConstrainedBaseline => "42e0",
            Baseline => "4200",
            Main => "4d00",
            ConstrainedHigh => "640c",
            High => "6400",
            PredictiveHigh444 => "f400",
        };
        Some(format!("{profile}{level:02x}"))
    }
}

/// The `profile-level-id` both sides agree on, from the side of `local` (the answerer).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Agreement {
    /// To be stated.
    Stated(String),
    /// Both mean the default, or it cannot be written: to be left out.
    Unstated,
}

impl Agreement {
    /// `None` where the profiles differ or either is unknown. The answer's level is the offer's or less,
    /// unless both allow the levels of the two directions to differ (RFC 6184 §8.2.2).
    pub(super) fn between(local: &Parameters, remote: &Parameters) -> Option<Self> {
        let (ours, theirs) = (ProfileLevelId::of(local)?, ProfileLevelId::of(remote)?);
        if ours.profile != theirs.profile {
            return None;
        }
        if is_falsy(local.get(PROFILE_LEVEL_ID)) && is_falsy(remote.get(PROFILE_LEVEL_ID)) {
            return Some(Self::Unstated);
        }
        let asymmetric = allows_level_asymmetry(local) && allows_level_asymmetry(remote);
        let level = if asymmetric { ours.level } else { ours.level.min(theirs.level) };
        let agreed = ProfileLevelId { profile: ours.profile, level };
        Some(agreed.to_hex().map_or(Self::Unstated, Self::Stated))
    }

    /// Writes it into a codec's parameters.
    pub(super) fn apply(self, parameters: &mut Parameters) {
        match self {
            Self::Stated(id) => parameters.insert(PROFILE_LEVEL_ID.to_owned(), Value::String(id)),
            Self::Unstated => parameters.remove(PROFILE_LEVEL_ID),
        };
    }
}

fn allows_level_asymmetry(parameters: &Parameters) -> bool {
    match parameters.get("level-asymmetry-allowed") {
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        Some(Value::String(text)) => text == "1",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fmtp(id: &str, asymmetry: bool) -> Parameters {
        let mut parameters = Parameters::new();
        if !id.is_empty() {
            parameters.insert(PROFILE_LEVEL_ID.to_owned(), json!(id));
        }
        if asymmetry {
            parameters.insert("level-asymmetry-allowed".to_owned(), json!(1));
        }
        parameters
    }

    #[test]
    fn the_answer_takes_the_lower_level_unless_both_allow_asymmetry() {
        let stated = |id: &str| Some(Agreement::Stated(id.to_owned()));
        for (local, remote, asymmetry, expected) in [
            ("42e01f", "42e033", false, stated("42e01f")),
            ("42e033", "42e01f", false, stated("42e01f")),
            ("42e033", "42e01f", true, stated("42e033")),
            ("42C01F", "42e034", true, stated("42e01f")),
            ("", "42e015", false, stated("42e015")),
            ("42f00b", "42e01f", false, stated("42f00b")),
            ("42e01f", "42f00b", false, stated("42e01f")), // the order that is none
            ("", "", false, Some(Agreement::Unstated)),
            ("64100b", "64000b", false, None),
            ("42e01f", "42001f", true, None),
            ("42e01f", "nonsen", true, None),
            ("42e01f", "42e01f00", true, None),
            ("42e0ff", "42e0ff", true, None),
        ] {
            let agreed = Agreement::between(&fmtp(local, asymmetry), &fmtp(remote, asymmetry));
            assert_eq!(agreed, expected, "{local} {remote} {asymmetry}");
        }
    }
}
