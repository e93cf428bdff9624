//! The media engine inside a program of one's own: workers, a router, a transport. No HTTP, no rooms.
//!
//! `cargo run --example embed_sfu` prints what a signaling protocol would carry to a browser, where
//! mediasoup-client takes it: `device.load({ routerRtpCapabilities })`, then `device.createSendTransport(…)`.

use std::error::Error;

use mediasoup_core::{
    driver::LocalWorkerManager,
    media::{
        WorkerManager,
        options::{RouterOptions, WebRtcTransportOptions, WorkerOptions},
        rtp::RtpCodecCapability,
    },
};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A worker is a thread with one UDP and one TCP port; port 0 lets the system choose.
    let mut options = WorkerOptions::default();
    options.ports = 0..=0;
    let workers = LocalWorkerManager::new(options);
    workers.initialize(2).await?;

    // A router is one call. Rooms are spread over the workers in turn.
    let codecs: Vec<RtpCodecCapability> = serde_json::from_value(json!([
        { "kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2 },
        { "kind": "video", "mimeType": "video/VP8", "clockRate": 90000 },
    ]))?;
    let router = workers.next_worker()?.create_router(RouterOptions::new(codecs)).await?;
    println!("router capabilities: {}", serde_json::to_string_pretty(router.rtp_capabilities())?);

    // A transport is the way to one peer. Events say how far it has come.
    let mut events = router.events();
    let transport = router.create_webrtc_transport(WebRtcTransportOptions::default()).await?;
    println!("transport: {}", serde_json::to_string_pretty(transport.parameters())?);

    // From here on the browser talks: its DTLS parameters go to `transport.connect`, its tracks to
    // `transport.produce`, and what it wants to see to `transport.consume`.
    transport.close().await;
    println!("event: {:?}", events.recv().await?);

    router.close().await;
    workers.close().await;
    Ok(())
}
