/* The message transport between the IFrame API and the meeting's frame, the same on both sides.
 *
 * Every message is a JSON string {postis, scope, method, params}. First each side repeats "__ready__" with an id of its
 * own until that id comes back, and sends a foreign id back unchanged; what is sent before is kept and then flushed.
 */
"use strict";

window.StandInTransport = class {
  constructor({ scope, peer, origin, hear }) {
    this.scope = scope;
    this.peer = peer; // a function: the frame's window exists only once it is in the page
    this.origin = origin; // null: any (the child checks the scope alone)
    this.hear = hear;
    this.own = `${Date.now()}-${Math.random()}`;
    this.ready = false;
    this.kept = [];
    this.listen = (event) => this.receive(event);
    window.addEventListener("message", this.listen);
    this.timer = setInterval(() => this.post("__ready__", this.own), 50);
  }

  receive(event) {
    if (this.origin && event.origin !== this.origin) return;
    let message;
    try {
      message = JSON.parse(event.data);
    } catch {
      return;
    }
    if (!message?.postis || message.scope !== this.scope) return;
    if (message.method === "message") this.hear(message.params);
    else if (message.method === "__ready__" && message.params !== this.own) this.post("__ready__", message.params);
    else if (message.method === "__ready__" && !this.ready) {
      clearInterval(this.timer);
      this.ready = true;
      this.kept.splice(0).forEach((params) => this.post("message", params));
    }
  }

  post(method, params) {
    this.peer()?.postMessage(JSON.stringify({ postis: true, scope: this.scope, method, params }), "*");
  }

  send(params) {
    if (this.ready) this.post("message", params);
    else this.kept.push(params);
  }

  close() {
    clearInterval(this.timer);
    window.removeEventListener("message", this.listen);
  }
};
