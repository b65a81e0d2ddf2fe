/* The part of Jitsi's IFrame API that our page uses. */
"use strict";

(() => {
  let made = 0;
  const NAMES = {
    "breakout-rooms-updated": "breakoutRoomsUpdated",
    "browser-support": "browserSupport",
    "display-name-change": "displayNameChange",
    "error-occurred": "errorOccurred",
    "knocking-participant": "knockingParticipant",
    "participant-joined": "participantJoined",
    "participant-kicked-out": "participantKickedOut",
    "participant-left": "participantLeft",
    "participant-role-changed": "participantRoleChanged",
    "raise-hand-updated": "raiseHandUpdated",
    "recording-status-changed": "recordingStatusChanged",
    "suspend-detected": "suspendDetected",
    "video-conference-joined": "videoConferenceJoined",
    "video-conference-left": "videoConferenceLeft",
    "video-ready-to-close": "readyToClose",
  };
  const COMMANDS = {
    answerKnockingParticipant: "answer-knocking-participant",
    displayName: "display-name",
    endConference: "end-conference",
    hangup: "video-hangup",
    muteEveryone: "mute-everyone",
    overwriteConfig: "overwrite-config",
    setAudioOnly: "set-audio-only",
    setVideoQuality: "set-video-quality",
    subject: "subject",
    toggleRaiseHand: "toggle-raise-hand",
  };

  const fragment = (prefix, values = {}) =>
    Object.entries(values).map(([key, value]) => `${prefix}${key}=${encodeURIComponent(JSON.stringify(value))}`);

  window.JitsiMeetExternalAPI = class {
    constructor(domain, options) {
      this.id = made++;
      this.listeners = new Map();
      this.people = 0;
      this.onload = options.onload;
      const query = new URLSearchParams({ ...(options.jwt && { jwt: options.jwt }), ...(options.lang && { lang: options.lang }) });
      const hash = [
        `jitsi_meet_external_api_id=${this.id}`,
        ...fragment("", options.jwt ? { jwt: options.jwt } : {}),
        ...fragment("config.", options.configOverwrite),
        ...fragment("interfaceConfig.", options.interfaceConfigOverwrite),
        ...fragment("userInfo.", options.userInfo),
      ];
      const address = `https://${domain}/${options.roomName}?${query}#${hash.join('&')}`;
      this.frame = document.createElement("iframe");
      this.frame.allow = "autoplay; camera; clipboard-write; display-capture; fullscreen; microphone; screen-wake-lock";
      this.frame.name = this.frame.id = `jitsiConferenceFrame${this.id}`;
      this.frame.style.border = "0";
      this.frame.style.width = options.width;
      this.frame.style.height = options.height;
      this.frame.src = address;
      options.parentNode.append(this.frame);
      this.transport = new window.StandInTransport({
        scope: `jitsi_meet_external_api_${this.id}`,
        peer: () => this.frame.contentWindow,
        origin: new URL(address).origin,
        hear: (params) => this.hear(params),
      });
    }

    hear({ type, data }) {
      if (type !== "event") return;
      const { name, ...event } = data;
      if (name === "ready") this.onload?.();
      if (name === "video-conference-joined" || name === "participant-joined") this.people += 1;
      if (name === "participant-left") this.people -= 1;
      if (name === "video-conference-left") this.people = 0;
      for (const listener of this.listeners.get(NAMES[name]) ?? []) listener(event);
    }

    addListener(name, listener) {
      this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
    }

    executeCommand(name, ...args) {
      this.transport.send({ type: "event", data: { name: COMMANDS[name] ?? name, data: args } });
    }

    getNumberOfParticipants() {
      return this.people;
    }

    getIFrame() {
      return this.frame;
    }

    dispose() {
      this.listeners.clear();
      this.transport.close();
      this.frame.remove();
    }
  };
})();
