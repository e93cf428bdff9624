import { Peer } from './peer.js';
import { playFile } from './player.js';

window.peer = new Peer();
window.playFile = playFile;
