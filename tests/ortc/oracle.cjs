// Answers cases with mediasoup's own negotiation: a JSON line in, a JSON line out, in order.
//
// In:  {mediaCodecs, kind, rtpParameters, viewer, enableRtx}
// Out: {router, producer, viewer, canConsume, consumer, pipe}, each {ok} or {error, text}; a stage that
//      needs one that failed is absent.
'use strict';

// mediasoup draws its SSRCs from here; both sides begin at the same one.
require('node:crypto').randomInt = () => 100_000_000;

const { ortc } = require('mediasoup');
const readline = require('node:readline');

function stage(run) {
  try {
    return { ok: run() };
  } catch (error) {
    const kind = error.name === 'UnsupportedError' ? 'Unsupported' : 'Invalid';
    return { error: kind, text: error.message };
  }
}

/** Transport.produce() up to the worker, but for the CNAME. */
function produce(kind, given, capabilities) {
  const rtpParameters = structuredClone(given);
  ortc.validateAndNormalizeRtpParameters(rtpParameters);
  if (rtpParameters.encodings.length === 0) {
    rtpParameters.encodings = [{}];
  }
  const mapping = ortc.getProducerRtpParametersMapping(rtpParameters, capabilities);
  const consumable = ortc.getConsumableRtpParameters(kind, rtpParameters, capabilities, mapping);
  return { rtpParameters, mapping, consumable };
}

/** Transport.consume() up to the worker, but for the MID. */
function consume(consumable, viewer, enableRtx) {
  const remoteRtpCapabilities = structuredClone(viewer);
  ortc.validateAndNormalizeRtpCapabilities(remoteRtpCapabilities);
  return ortc.getConsumerRtpParameters({
    consumableRtpParameters: structuredClone(consumable),
    remoteRtpCapabilities,
    pipe: false,
    enableRtx,
  });
}

/** PipeTransport.consume() up to the worker. */
function pipe(consumable, enableRtx) {
  return ortc.getPipeConsumerRtpParameters({
    consumableRtpParameters: structuredClone(consumable),
    enableRtx,
  });
}

function normalized(viewer) {
  const capabilities = structuredClone(viewer);
  ortc.validateAndNormalizeRtpCapabilities(capabilities);
  return capabilities;
}

function answer({ mediaCodecs, kind, rtpParameters, viewer, enableRtx }) {
  const router = stage(() => ortc.generateRouterRtpCapabilities(mediaCodecs));
  if (!router.ok) {
    return { router };
  }
  const producer = stage(() => produce(kind, rtpParameters, router.ok));
  const stages = { router, producer, viewer: stage(() => normalized(viewer)) };
  if (producer.ok) {
    const { consumable } = producer.ok;
    stages.canConsume = stage(() => ortc.canConsume(consumable, structuredClone(viewer)));
    stages.consumer = stage(() => consume(consumable, viewer, enableRtx));
    stages.pipe = stage(() => pipe(consumable, enableRtx));
  }
  return stages;
}

readline.createInterface({ input: process.stdin }).on('line', line => {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
});
