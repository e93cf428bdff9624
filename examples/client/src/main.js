// The example client: from the lobby into a call, and back.

import { Call } from './call.js';
import { CallView } from './call-view.js';
import { byId } from './dom.js';
import { LocalMedia } from './local-media.js';
import { Lobby } from './lobby.js';
import { toast, toastError } from './toasts.js';
import { explainEnd } from './words.js';

const query = new URLSearchParams(location.search);
const local = new LocalMedia();
/** @type {Call | null} */
let call = null;

const lobby = new Lobby(local, query, enter);
const view = new CallView(local, leave);

async function enter({ name, roomId, serverUrl, token, create }) {
  const videoCodec = query.get('codec') ?? undefined;
  const next = new Call({ serverUrl, token, roomId, name, videoCodec, local });
  try {
    await next.start({ create });
  } catch (error) {
    return toastError(error);
  }
  call = next;
  call.addEventListener('ended', ({ detail }) => ended(detail));
  rememberRoom(roomId);
  lobby.hide();
  view.show(call, name);
}

async function leave() {
  const leaving = call;
  backToLobby();
  await leaving?.leave();
}

function ended({ reason, error }) {
  backToLobby();
  if (error) toastError(error);
  else toast(explainEnd(reason));
}

function backToLobby() {
  call = null;
  local.close('screen');
  view.hide();
  lobby.show();
  byId('name').focus({ preventScroll: true });
}

/** So that a reload comes back to the same room. */
function rememberRoom(roomId) {
  query.set('room', roomId);
  history.replaceState(null, '', `?${query}`);
  lobby.roomId = roomId;
}

addEventListener('pagehide', () => call?.leave());

/** For tests and the curious: what the call is doing, to be read only. */
Object.defineProperty(window, '__call', {
  value: Object.freeze({
    get state() {
      return call?.state ?? 'lobby';
    },
    get roomId() {
      return call?.roomId;
    },
    get connectionState() {
      return call?.connectionState;
    },
    get participants() {
      return (call?.roster.participants ?? []).map(({ id, name, feeds }) => ({
        id,
        name,
        feeds: [...feeds.values()].map(({ producerId, source, kind, paused }) => ({ producerId, source, kind, paused })),
      }));
    },
    receivedStats: () => call?.receivedStats() ?? Promise.resolve([]),
  }),
});
