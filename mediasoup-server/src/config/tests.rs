//! Precedence, names, errors, masks.

use std::{collections::BTreeMap, fs};

use clap::Parser as _;
use mediasoup_core::{
    media::options::RouterOptions,
    recording::{Format, Settings},
};
use tempfile::TempDir;

use super::{load::dotenv, *};

/// What a configuration becomes from a file's text, variables and flags.
fn load(toml: &str, variables: &[(&str, &str)], flags: &[&str]) -> Result<Config, ConfigError> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("server.toml");
    fs::write(&path, toml).unwrap();
    let mut cli = Cli::try_parse_from(["mediasoup-server"].iter().chain(flags)).unwrap();
    cli.config = Some(path);
    let environment: BTreeMap<_, _> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(&cli, &environment)
}

/// The error, without the directory of the test.
fn error(toml: &str, variables: &[(&str, &str)], flags: &[&str]) -> String {
    let text = load(toml, variables, flags).unwrap_err().to_string();
    text.split(' ')
        .map(|word| word.find("server.toml").map_or(word, |at| &word[at..]))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn defaults_are_the_documents() {
    let config = load("", &[], &[]).unwrap();
    assert_eq!(config, Config::default());
    let json = serde_json::to_value(&config).unwrap();
    assert_eq!(json["worker"]["logLevel"], "warn");
    assert_eq!(json["worker"]["rtcMinPort"], 10_000);
    assert_eq!(json["worker"]["rtcMaxPort"], 10_100);
    assert_eq!(json["worker"]["numWorkers"], 1);
    assert_eq!(json["webRtcTransport"]["listenIps"][0]["announcedIp"], "127.0.0.1");
    assert_eq!(json["webRtcTransport"]["initialAvailableOutgoingBitrate"], 1_000_000);
    assert_eq!(json["recording"]["video"]["bitrate"], 1_000_000);
    assert_eq!(json["recording"]["video"]["resolution"], "1280x720");
    assert_eq!(
        json["room"],
        serde_json::json!({"maxParticipants": 10, "timeout": 0, "enableRecording": true})
    );
    assert_eq!(config.http_address().to_string(), "127.0.0.1:3000");
}

#[test]
fn the_documents_own_object_is_a_valid_file() {
    let document = r#"
        [worker]
        logLevel = "warn"
        rtcMinPort = 10000
        rtcMaxPort = 10100
        [router]
        mediaCodecs = [
          { kind = "audio", mimeType = "audio/opus", clockRate = 48000, channels = 2 },
          { kind = "video", mimeType = "video/VP8", clockRate = 90000 },
          { kind = "video", mimeType = "video/H264", clockRate = 90000 },
        ]
        [webRtcTransport]
        listenIps = [{ ip = "127.0.0.1", announcedIp = "127.0.0.1" }]
        initialAvailableOutgoingBitrate = 1000000
        minimumAvailableOutgoingBitrate = 600000
        [recording]
        outputDir = "./recordings"
        audio = { codec = "opus", sampleRate = 48000, channels = 2, bitrate = 64000 }
        video = { codec = "libx264", bitrate = "1000k", framerate = 30, resolution = "1280x720" }
        format = "mp4"
        [room]
        maxParticipants = 10
        timeout = 0
        enableRecording = true
    "#;
    let config = load(document, &[], &[]).unwrap();
    assert_eq!(
        RouterOptions::from(&config.router).media_codecs,
        RouterOptions::from(&Router::default()).media_codecs[..3]
    );
    assert_eq!(Config { router: Router::default(), ..config }, Config::default());
}

#[test]
fn h264_without_parameters_is_what_browsers_send() {
    let plain = r#"router.mediaCodecs=[{kind="video", mimeType="video/H264", clockRate=90000}]"#;
    let options = RouterOptions::from(&load("", &[], &["--set", plain]).unwrap().router);
    assert_eq!(
        serde_json::to_value(&options.media_codecs[0].parameters).unwrap(),
        serde_json::json!({"packetization-mode": 1, "profile-level-id": "42e01f", "level-asymmetry-allowed": 1})
    );
}

#[test]
fn flags_beat_environment_beats_file() {
    let file = "[room]\nmaxParticipants = 2\ntimeout = 7\n[http]\nport = 1";
    let long = ("MEDIASOUP__ROOM__MAX_PARTICIPANTS", "3");
    let max =
        |variables: &[_], flags: &[_]| load(file, variables, flags).unwrap().room.max_participants.get();
    assert_eq!(max(&[], &[]), 2);
    assert_eq!(max(&[long], &[]), 3);
    assert_eq!(max(&[long], &["--set", "room.maxParticipants=4"]), 4);
    let config = load(file, &[long], &[]).unwrap();
    assert_eq!(config.room.timeout, 7, "a section is merged, not replaced");

    let port = |variables: &[_], flags: &[_]| load(file, variables, flags).unwrap().http.port;
    assert_eq!(port(&[("PORT", "2")], &[]), 2);
    assert_eq!(port(&[("PORT", "2"), ("MEDIASOUP__HTTP__PORT", "3")], &[]), 2, "short names are stronger");
    assert_eq!(port(&[("PORT", "2")], &["--port", "4"]), 4);
    assert_eq!(port(&[("PORT", "")], &[]), 1, "an empty variable counts as absent");
}

#[test]
fn the_two_address_variables_make_one_list() {
    let file = "[webRtcTransport]\nlistenIps = [{ ip = \"10.0.0.1\" }, { ip = \"fd00::1\" }]";
    let listen = |variables: &[(&str, &str)], flags: &[&str]| {
        let listen_ips = load(file, variables, flags).unwrap().web_rtc_transport.listen_ips;
        listen_ips
            .iter()
            .map(|listen| format!("{} as {}", listen.ip, listen.announced_ip.as_deref().unwrap_or("itself")))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let ip = ("MEDIASOUP_LISTEN_IP", "0.0.0.0");
    let announced = ("MEDIASOUP_ANNOUNCED_IP", "203.0.113.5");
    assert_eq!(listen(&[], &[]), "10.0.0.1 as itself, fd00::1 as itself");
    assert_eq!(listen(&[ip], &[]), "0.0.0.0 as itself");
    assert_eq!(listen(&[ip, announced], &[]), "0.0.0.0 as 203.0.113.5");
    assert_eq!(listen(&[announced], &[]), "10.0.0.1 as 203.0.113.5, fd00::1 as itself");
    assert_eq!(listen(&[announced], &["--listen-ip", "10.0.0.9"]), "10.0.0.9 as 203.0.113.5");
    assert_eq!(listen(&[ip], &["--announced-ip", "media.example.org"]), "0.0.0.0 as media.example.org");
    let set = r#"webRtcTransport.listenIps=[{ip="10.0.0.2", announcedIp="198.51.100.1"}]"#;
    assert_eq!(listen(&[ip], &["--set", set]), "10.0.0.2 as 198.51.100.1");

    let config = load("", &[announced], &[]).unwrap();
    let expected = ListenIp { announced_ip: Some("203.0.113.5".to_owned()), ..ListenIp::default() };
    assert_eq!(config.web_rtc_transport.listen_ips, [expected]);

    let set =
        r#"webRtcTransport.listenIps=[{ip="10.0.0.2", announcedIp="198.51.100.1", exposeInternalIp=true}]"#;
    let options = load("", &[], &["--set", set]).unwrap().worker_options();
    assert!(options.listen[0].expose_internal_ip);
}

#[test]
fn texts_stay_texts_and_lists_may_be_written_with_commas() {
    let config = load(
        "",
        &[("JWT_SECRET", "007"), ("CORS_ORIGINS", "https://a.example, https://b.example"), ("DEBUG", "1")],
        &["--set", "recording.video.bitrate=2M", "--set", "log.filter=true"],
    )
    .unwrap();
    assert_eq!(config.auth.jwt_secret.unwrap().expose(), "007");
    assert_eq!(config.http.cors_origins, ["https://a.example", "https://b.example"]);
    assert_eq!(config.log.debug.as_deref(), Some("1"));
    assert_eq!(config.log.filter.as_deref(), Some("true"));
    assert_eq!(u32::from(config.recording.video.bitrate), 2_000_000);
}

#[test]
fn unknown_keys_name_the_nearest_known_one() {
    assert_eq!(
        error("[room]\nmaxParticipant = 2", &[], &[]),
        "server.toml: unknown key room.maxParticipant; did you mean room.maxParticipants?"
    );
    assert_eq!(error("[rooms]\ntimeout = 2", &[], &[]), "server.toml: unknown key rooms; did you mean room?");
    assert_eq!(
        error("", &[("MEDIASOUP__ROOM__MAX_PARTICIPANT", "2")], &[]),
        "MEDIASOUP__ROOM__MAX_PARTICIPANT: unknown key room.maxParticipant; did you mean \
         MEDIASOUP__ROOM__MAX_PARTICIPANTS?"
    );
    assert_eq!(
        error("", &[], &["--set", "worker.rtcMinport=1"]),
        "--set worker.rtcMinport: unknown key worker.rtcMinport; did you mean worker.rtcMinPort?"
    );
    let inside_a_list =
        error("[webRtcTransport]\nlistenIps = [{ ip = \"::1\", announced = \"x\" }]", &[], &[]);
    assert!(inside_a_list.starts_with("webRtcTransport.listenIps.0.announced: "), "{inside_a_list}");
    assert!(inside_a_list.contains("announcedIp"), "{inside_a_list}");
}

#[test]
fn bad_values_name_the_key_the_reason_and_who_set_it() {
    type Variables = &'static [(&'static str, &'static str)];
    let table: [(&str, Variables, &str); 9] = [
        ("[room]\nmaxParticipants = 0", &[], "room.maxParticipants: "),
        ("[room]\nmaxParticipants = \"ten\"", &[], "room.maxParticipants: "),
        ("", &[("PORT", "70000")], "http.port: "),
        ("", &[("MEDIASOUP_WORKERS", "0")], "worker.numWorkers: "),
        ("", &[("MEDIASOUP_LISTEN_IP", "eth0")], "webRtcTransport.listenIps"),
        ("[worker]\nlogLevel = \"loud\"", &[], "worker.logLevel: "),
        ("[recording.video]\nresolution = \"big\"", &[], "recording.video.resolution: "),
        ("[recording.video]\nbitrate = \"fast\"", &[], "recording.video.bitrate: "),
        ("room = 5", &[], "room: expected a section"),
    ];
    for (toml, variables, start) in table {
        let text = error(toml, variables, &[]);
        let origin = variables.first().map_or("server.toml", |(name, _)| name);
        assert!(text.starts_with(start) && text.contains(&format!("(set by {origin}")), "{text}");
    }
    assert!(error("[room", &[], &[]).starts_with("server.toml: "));
    assert!(error("", &[], &["--set", "room.timeout"]).starts_with("--set room.timeout: expected key=value"));
}

#[test]
fn contradictions_are_found() {
    let table: &[(&[&str], &str)] = &[
        (&["worker.rtcMinPort=20000"], "worker.rtcMaxPort: must not be below"),
        (&["worker.rtcMinPort=10100", "worker.numWorkers=2"], "worker.rtcMaxPort: each worker"),
        (&["worker.rtcMinPort=0"], "worker.rtcMinPort: "),
        (&["router.mediaCodecs=[]"], "router.mediaCodecs: must name"),
        (
            &[r#"router.mediaCodecs=[{kind="audio", mimeType="video/VP8", clockRate=90000}]"#],
            "router.mediaCodecs: ",
        ),
        (
            &[r#"router.mediaCodecs=[{kind="video", mimeType="video/VP7", clockRate=90000}]"#],
            "router.mediaCodecs: ",
        ),
        (&["webRtcTransport.listenIps=[]"], "webRtcTransport.listenIps: must name"),
        (
            &[r#"webRtcTransport.listenIps=[{ip="::1", announcedIp="http://x"}]"#],
            "webRtcTransport.listenIps: announcedIp",
        ),
        (
            &[r#"webRtcTransport.listenIps=[{ip="::", announcedIp="x", exposeInternalIp=true}]"#],
            "webRtcTransport.listenIps: with exposeInternalIp",
        ),
        (
            &["webRtcTransport.enableUdp=false", "webRtcTransport.enableTcp=false"],
            "webRtcTransport.enableUdp: ",
        ),
        (
            &["webRtcTransport.minimumAvailableOutgoingBitrate=2000000"],
            "webRtcTransport.minimumAvailableOutgoingBitrate: ",
        ),
        (&["ice.turn.urls=turn:x"], "ice.turn: urls and secret go together"),
        (&["ice.turn.urls=x", "ice.turn.secret=x"], "ice.turn.urls: "),
        (&["http.corsOrigins=example.org"], "http.corsOrigins: "),
        (&["recording.audio.codec=mp3"], "recording.audio.codec: "),
        (&["recording.video.codec=av2"], "recording.video.codec: "),
        (&["recording.layout=mosaic"], "recording.layout: "),
        (&["recording.audio.sampleRate=44100"], "recording: audio.sampleRate must be 8000"),
        (&["recording.audio.channels=3"], "recording: audio.channels must be 1 or 2"),
        (&["recording.audio.bitrate=5k"], "recording: audio.bitrate must be "),
        (&["recording.video.bitrate=101M"], "recording: video.bitrate must be "),
        (&["recording.video.framerate=61"], "recording: video.framerate must be 1 to 60"),
        (&["recording.maxAge=0"], "recording.maxAge: "),
        (&["recording.composers=-1"], "recording.composers: "),
    ];
    for (assignments, start) in table {
        let flags: Vec<&str> = assignments.iter().flat_map(|assignment| ["--set", assignment]).collect();
        let text = error("", &[], &flags);
        assert!(text.starts_with(start), "{text}");
    }
    assert!(load("[worker]\nrtcMinPort = 0\nrtcMaxPort = 0", &[], &[]).is_ok());
}

#[test]
fn recordings_are_like_the_documents_unless_configured() {
    let settings = |flags: &[_]| Settings::from(&load("", &[], flags).unwrap().recording);
    assert_eq!(settings(&[]), Settings::default());
    let flags = ["--set", "recording.format=webm", "--set", "recording.tracks=true"];
    assert_eq!(settings(&flags), Settings { format: Format::Webm, tracks: true, ..Settings::default() });
}

#[test]
fn anonymous_servers_stay_on_loopback() {
    let open = [("HTTP_LISTEN_IP", "0.0.0.0")];
    assert!(error("", &open, &[]).starts_with("http.listenIp: without a key everyone is admin"));
    assert!(load("", &open, &["--allow-anonymous"]).is_ok());
    assert!(load("", &[("HTTP_LISTEN_IP", "::1")], &[]).is_ok());
    let with_key = load("", &[("JWT_SECRET", "s")], &[]).unwrap();
    assert_eq!(with_key.http_address().to_string(), "0.0.0.0:3000");
}

#[test]
fn reachable_http_with_unreachable_media_is_warned_of() {
    let strong = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
    let warnings = |variables: &[_]| load("", variables, &[]).unwrap().warnings();
    assert!(warnings(&[]).is_empty());
    assert!(warnings(&[strong])[0].contains("MEDIASOUP_ANNOUNCED_IP"));
    assert!(warnings(&[strong, ("MEDIASOUP_LISTEN_IP", "0.0.0.0")]).is_empty());
    assert!(
        warnings(&[strong, ("MEDIASOUP_ANNOUNCED_IP", "203.0.113.5")])[0].contains("MEDIASOUP_LISTEN_IP")
    );
    assert!(warnings(&[("JWT_SECRET", "short"), ("HTTP_LISTEN_IP", "::1")])[0].contains("JWT_SECRET"));
}

#[test]
fn printed_configurations_are_masked_and_can_be_read_back() {
    let printed = load(
        "",
        &[("JWT_SECRET", "do-not-print")],
        &[
            "--set",
            "ice.turn.urls=turn:x",
            "--set",
            "ice.turn.secret=do-not-print",
            "--set",
            r#"ice.servers=[{urls=["turn:y"], username="u", credential="do-not-print"}]"#,
        ],
    )
    .unwrap();
    let toml = printed.to_toml().unwrap();
    assert!(!toml.contains("do-not-print") && !format!("{printed:?}").contains("do-not-print"));
    assert_eq!(toml.matches("***").count(), 3, "{toml}");

    let config = load("", &[], &["--set", "room.maxParticipants=3"]).unwrap();
    assert_eq!(load(&config.to_toml().unwrap(), &[], &[]).unwrap(), config);
}

#[test]
fn dotenv_is_read_where_there_is_one() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(".env");
    assert!(dotenv(&path).unwrap().is_empty());
    fs::write(&path, "# comment\nMEDIASOUP_LISTEN_IP=127.0.0.1\nDEBUG=mediasoup:*\n").unwrap();
    let variables = dotenv(&path).unwrap();
    assert_eq!(variables["MEDIASOUP_LISTEN_IP"], "127.0.0.1");
    assert_eq!(variables["DEBUG"], "mediasoup:*");
    fs::write(&path, "not a line\n").unwrap();
    assert!(matches!(dotenv(&path), Err(ConfigError::Syntax { .. })));
}
