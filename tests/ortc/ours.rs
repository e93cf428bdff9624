//! Our answer to a case, in the oracle's form.

use mediasoup_core::media::{
    error::RtpError,
    ortc,
    rtp::{MediaKind, RtpCapabilities, RtpCodecCapability, RtpEncodingParameters, RtpParameters},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// What mediasoup's random numbers are in the oracle.
const FIRST_SSRC: u32 = 100_000_000;

/// What a case asks. The parts a client or an operator writes stay raw: they may be malformed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    media_codecs: Value,
    kind: MediaKind,
    rtp_parameters: Value,
    viewer: Value,
    enable_rtx: bool,
}

/// Answers like `oracle.cjs`.
pub(crate) fn answer(case: &Value) -> Value {
    let case = Case::deserialize(case).expect("the generator writes whole cases");
    let mut stages = Map::new();
    let router = parse(&case.media_codecs)
        .and_then(|codecs: Vec<RtpCodecCapability>| ortc::router_rtp_capabilities(&codecs));
    stages.insert("router".to_owned(), stage(&router));
    let Ok(router) = router else { return stages.into() };

    let producer = produce(&case, &router);
    stages.insert("producer".to_owned(), stage(&producer));
    let viewer: Result<RtpCapabilities, RtpError> = parse(&case.viewer);
    let normalized = viewer.clone().and_then(ortc::normalize_rtp_capabilities);
    stages.insert("viewer".to_owned(), stage(&normalized));

    if let Ok(Produced { consumable, .. }) = producer {
        let can_consume =
            viewer.as_ref().map_err(Clone::clone).and_then(|viewer| ortc::can_consume(&consumable, viewer));
        stages.insert("canConsume".to_owned(), stage(&can_consume));
        let consumer = viewer.and_then(|viewer| {
            ortc::consumer_rtp_parameters(&consumable, &viewer, case.enable_rtx, FIRST_SSRC)
        });
        stages.insert("consumer".to_owned(), stage(&consumer));
        let first_rtx_ssrc = case.enable_rtx.then_some(FIRST_SSRC);
        let pipe = ortc::pipe_consumer_rtp_parameters(&consumable, FIRST_SSRC, first_rtx_ssrc);
        stages.insert("pipe".to_owned(), stage(&Ok(pipe)));
    }
    stages.into()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Produced {
    rtp_parameters: RtpParameters,
    mapping: mediasoup_core::media::rtp::RtpMapping,
    consumable: RtpParameters,
}

fn produce(case: &Case, router: &RtpCapabilities) -> Result<Produced, RtpError> {
    let mut rtp_parameters = ortc::normalize_rtp_parameters(parse(&case.rtp_parameters)?)?;
    if rtp_parameters.encodings.is_empty() {
        rtp_parameters.encodings.push(RtpEncodingParameters::default());
    }
    let mapping = ortc::producer_mapping(&mut rtp_parameters, router, FIRST_SSRC)?;
    let consumable = ortc::consumable_rtp_parameters(case.kind, &rtp_parameters, router, &mapping);
    Ok(Produced { rtp_parameters, mapping, consumable })
}

/// What does not even have the shape is invalid, as in mediasoup.
fn parse<T: DeserializeOwned>(value: &Value) -> Result<T, RtpError> {
    T::deserialize(value).map_err(|error| RtpError::Invalid(error.to_string()))
}

fn stage(result: &Result<impl Serialize, RtpError>) -> Value {
    match result {
        Ok(value) => json!({ "ok": value }),
        Err(RtpError::Unsupported(text)) => json!({ "error": "Unsupported", "text": text }),
        Err(error) => json!({ "error": "Invalid", "text": error.to_string() }),
    }
}
