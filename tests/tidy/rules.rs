//! The rules.

/// What the code under some paths must not name.
pub(crate) struct NameRule {
    /// Path prefixes it covers.
    pub(crate) scope: &'static [&'static str],
    /// Path prefixes in it that it does not cover.
    pub(crate) except: &'static [&'static str],
    /// Paths, or parts of them, that code there must not name.
    pub(crate) names: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// What must not be written under some paths, be it code or comment.
pub(crate) struct TextRule {
    pub(crate) scope: &'static [&'static str],
    pub(crate) except: &'static [&'static str],
    pub(crate) texts: &'static [&'static str],
    pub(crate) reason: &'static str,
}

fn within(path: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| path.starts_with(prefix))
}

impl NameRule {
    /// Tests may name what they like.
    pub(crate) fn covers(&self, path: &str) -> bool {
        within(path, self.scope) && !within(path, self.except) && !crate::tree::is_test(path)
    }
}

impl TextRule {
    pub(crate) fn covers(&self, path: &str) -> bool {
        within(path, self.scope) && !within(path, self.except)
    }
}

pub(crate) const NAME_RULES: &[NameRule] = &[
    NameRule {
        scope: &["mediasoup-core/src/ids.rs"],
        except: &[],
        names: &["crate::media", "crate::engine", "crate::driver", "crate::room", "crate::recording"],
        reason: "ids depend on nothing",
    },
    NameRule {
        scope: &["mediasoup-core/src/media/"],
        except: &[],
        names: &["crate::engine", "crate::driver", "crate::room", "crate::recording"],
        reason: "media -> ids: the surface of an engine knows no engine",
    },
    NameRule {
        scope: &["mediasoup-core/src/engine/"],
        except: &[],
        names: &["crate::driver", "crate::room", "crate::recording"],
        reason: "engine -> media, ids",
    },
    NameRule {
        scope: &["mediasoup-core/src/engine/"],
        except: &[],
        names: &[
            "tokio",
            "mio",
            "socket2",
            "async_trait",
            "UdpSocket",
            "TcpStream",
            "TcpListener",
            "std::thread",
            "std::fs",
            "std::sync::Mutex",
            "std::sync::RwLock",
            "std::sync::Condvar",
            "std::sync::mpsc",
        ],
        reason: "the engine is sans-I/O: no runtime, sockets, threads, locks, files",
    },
    NameRule {
        scope: &["mediasoup-core/src/engine/"],
        except: &[],
        names: &["Instant::now", "SystemTime", "rand::rng", "rand::random", "ThreadRng", "SysRng", "OsRng"],
        reason: "the engine is told the time and its randomness",
    },
    NameRule {
        scope: &["mediasoup-core/src/engine/"],
        except: &[],
        names: &["HashMap", "HashSet", "RandomState"],
        reason: "std's hash order differs from run to run; the engine iterates in order (BTreeMap, IndexMap, Slab)",
    },
    NameRule {
        scope: &["mediasoup-core/src/"],
        except: &["mediasoup-core/src/engine/transport/"],
        names: &["dimpl", "dcsctp", "rtc_stun", "aws_lc_rs"],
        reason: "engine/transport is the only home of ICE, DTLS, SCTP and SRTP",
    },
    NameRule {
        scope: &["mediasoup-core/src/driver/"],
        except: &[],
        names: &["crate::room", "crate::recording"],
        reason: "driver -> engine, media, ids",
    },
    NameRule {
        scope: &["mediasoup-core/src/room/"],
        except: &[],
        names: &["crate::engine", "crate::driver"],
        reason: "room -> recording, media, ids: rooms reach media through its seam",
    },
    NameRule {
        scope: &["mediasoup-core/src/recording/"],
        except: &[],
        names: &["crate::engine", "crate::driver", "crate::room"],
        reason: "recording -> media, ids",
    },
    NameRule {
        scope: &["mediasoup-core/", "mediasoup-server/"],
        // The last two name the module, not the library.
        except: &[
            "mediasoup-core/src/recording/gstreamer/",
            "mediasoup-core/src/recording/mod.rs",
            "mediasoup-server/src/recorder.rs",
        ],
        names: &["gst", "gstreamer", "gstreamer_app", "gstreamer_video", "gstreamer_audio"],
        reason: "only recording/gstreamer knows GStreamer",
    },
    NameRule {
        scope: &["mediasoup-core/"],
        except: &[],
        names: &[
            "axum",
            "socketioxide",
            "hyper",
            "http",
            "tower",
            "tower_http",
            "utoipa",
            "mediasoup_server",
        ],
        reason: "mediasoup-core can be embedded without HTTP",
    },
    NameRule {
        scope: &["mediasoup-server/src/"],
        except: &["mediasoup-server/src/app/"],
        names: &["mediasoup_core::driver"],
        reason: "only app/ puts the parts together; the rest of the server knows managers as traits",
    },
];

/// Where people read and write; lock files, fixtures and licences are left out by kind.
const EVERYWHERE: &[&str] = &[""];
/// The rules and their tests spell out what they forbid.
const THIS_TEST: &str = "tests/tidy/";

pub(crate) const TEXT_RULES: &[TextRule] = &[
    TextRule {
        scope: &["mediasoup-core/", "mediasoup-server/", "tests/", "examples/", "benches/"],
        except: &[THIS_TEST],
        texts: &["todo!", "unimplemented!", "dbg!", "FIXME", "TODO", "XXX:"],
        reason: "what is not done is an issue, not a comment",
    },
    TextRule {
        scope: EVERYWHERE,
        except: &[THIS_TEST],
        texts: &["/work/", "/root/", "/home/"],
        reason: "nothing knows the machine it was written on",
    },
];

pub(crate) const LINES_MAX: usize = 800;

/// Longer files, each with its reason.
pub(crate) const LONG_FILES: &[(&str, &str)] = &[];
