// Labels and icons of the buttons that switch something on and off.

export const MICROPHONE = {
  on: 'Mute microphone',
  off: 'Unmute microphone',
  icons: { on: 'mic', off: 'mic-off' },
};

export const CAMERA = {
  on: 'Turn camera off',
  off: 'Turn camera on',
  icons: { on: 'camera', off: 'camera-off' },
};

export const SCREEN = {
  on: 'Stop sharing your screen',
  off: 'Share your screen',
  icons: { on: 'screen', off: 'screen' },
};

export const RECORD = {
  on: 'Stop recording',
  off: 'Record this call',
  icons: { on: 'stop', off: 'record' },
};

export const CHAT = {
  on: 'Close the chat',
  off: 'Open the chat',
  icons: { on: 'chat', off: 'chat' },
};
