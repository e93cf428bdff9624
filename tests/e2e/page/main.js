import { Peer } from './peer.js';

window.peer = new Peer();
