// End-to-end encryption of encoded frames, with a checksum, so that whoever opens one knows that no byte was changed.

/** Runs in a worker, as text. */
function work() {
  const CHECKSUM_BYTES = 4;
  /** In clear, for whoever only forwards: VP8's header, Opus' first byte. */
  const clearBytes = ({ type }) => ({ key: 10, delta: 3 })[type] ?? 1;
  const checksum = (bytes) => bytes.reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7);

  function mask(bytes, from, key) {
    for (let index = from; index < bytes.length; index += 1) bytes[index] ^= (key + index) & 0xff;
  }

  function seal(frame, key) {
    const plain = new Uint8Array(frame.data);
    const sealed = new Uint8Array(plain.length + CHECKSUM_BYTES);
    sealed.set(plain);
    new DataView(sealed.buffer).setUint32(plain.length, checksum(plain));
    mask(sealed, clearBytes(frame), key);
    frame.data = sealed.buffer;
    return true;
  }

  function open(frame, key) {
    const bytes = new Uint8Array(frame.data);
    const length = bytes.length - CHECKSUM_BYTES;
    if (length < 0) return false;
    mask(bytes, clearBytes(frame), key);
    const isIntact = new DataView(frame.data).getUint32(length) === checksum(bytes.subarray(0, length));
    frame.data = bytes.slice(0, length).buffer;
    return isIntact;
  }

  self.onrtctransform = ({ transformer: { readable, writable, options } }) => {
    const { key, seals } = options;
    const transform = (frame, controller) => {
      // What is sent for the network's sake alone has no content.
      if (!frame.data.byteLength) return;
      const isIntact = (seals ? seal : open)(frame, key);
      if (!seals) self.postMessage(isIntact);
      if (isIntact) controller.enqueue(frame);
    };
    readable.pipeThrough(new TransformStream({ transform })).pipeTo(writable);
  };
}

export class Secret {
  /** Received frames that could be opened, and that could not. */
  frames = { intact: 0, broken: 0 };
  #key;
  #worker = new Worker(URL.createObjectURL(new Blob([`(${work})()`], { type: 'text/javascript' })));

  /** @param {number} key what both sides have to know */
  constructor(key) {
    this.#key = key;
    this.#worker.onmessage = ({ data: isIntact }) => {
      this.frames[isIntact ? 'intact' : 'broken'] += 1;
    };
  }

  seal(sender) {
    sender.transform = new RTCRtpScriptTransform(this.#worker, { key: this.#key, seals: true });
  }

  open(receiver) {
    receiver.transform = new RTCRtpScriptTransform(this.#worker, { key: this.#key, seals: false });
  }
}
