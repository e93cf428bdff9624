// What went wrong, in words for a person. The code is shown beside them, for whoever is asked for help.

const BY_CODE = {
  ROOM_NOT_FOUND: 'There is no room with this name. Check the name, or create it.',
  ROOM_FULL: 'This room is full.',
  ROOM_EXISTS: 'A room with this name is already there. Join it instead.',
  PARTICIPANT_NOT_FOUND: 'The server no longer knows you in this room. Leave and join again.',
  TRANSPORT_NOT_FOUND: 'The connection for sound and video was lost. Leave and join again.',
  RECORDING_IN_PROGRESS: 'This call is being recorded already.',
  NO_RECORDING: 'The recording has ended already.',
  RECORDING_NOT_ENABLED: 'This room must not be recorded.',
  FILE_NOT_FOUND: 'This file is not on the server any more.',
  DISK_FULL: 'The server has too little disk space left to record.',
  RECORDING_FAILED: 'The recording failed. What was recorded so far is kept.',
  INVALID_REQUEST: 'The server did not understand the request.',
  UNSUPPORTED: 'The server or your browser does not support this.',
  UNAUTHORIZED: 'The server did not accept your access token.',
  FORBIDDEN: 'You are not allowed to do this.',
  LIMIT_EXCEEDED: 'The server has reached a limit. Try again in a moment.',
  SHUTTING_DOWN: 'The server is shutting down.',
  INTERNAL: 'Something went wrong on the server.',
  UNREACHABLE: 'The server cannot be reached. Check the address and your network.',
  TIMEOUT: 'The server took too long to answer.',
  INSECURE: 'Browsers allow the camera and microphone only over HTTPS or on this computer.',
};

const DEVICES = { mic: 'microphone', camera: 'camera', screen: 'screen' };

const BY_DEVICE_CODE = {
  DENIED: (device) => `Your browser does not allow this page to use the ${device}.`,
  NO_DEVICE: (device) => `No ${device} was found.`,
  DEVICE_BUSY: (device) => `The ${device} is in use by another program.`,
  DEVICE: (device) => `The ${device} could not be opened.`,
};

/** @returns {{text: string, code?: string}} */
export function explain(error) {
  const device = DEVICES[error.source];
  if (device && BY_DEVICE_CODE[error.code]) return { text: BY_DEVICE_CODE[error.code](device), code: error.code };
  const text = BY_CODE[error.code];
  if (text) return { text, code: error.code };
  return { text: error.message || 'Something went wrong.', code: error.code };
}

/** Why the call ended, when it was not this person's own doing. */
export function explainEnd(reason) {
  switch (reason) {
    case 'replaced':
      return 'You joined this room from somewhere else.';
    case 'removed':
      return 'You were removed from the room.';
    case 'timeout':
      return 'The room reached its time limit.';
    case 'worker-died':
      return 'The server had a problem and closed the room.';
    case 'shutdown':
      return 'The server is shutting down.';
    default:
      return 'The room was closed.';
  }
}
